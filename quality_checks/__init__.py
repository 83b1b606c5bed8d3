"""The checks: rules on the hub's tables, run by Great Expectations as Dagster asset checks."""
