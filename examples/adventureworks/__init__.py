"""A manufacturer's ERP in its own PostgreSQL database, connected by SQL."""
