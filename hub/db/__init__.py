"""The database: the embedded server, roles, engines, migrations and reporting views."""
