"""Superset: environment, set-up, provisioning, roles and the page."""
