"""The proofs: against real PostgreSQL, Modbus, Dagster, Superset and a real browser."""
