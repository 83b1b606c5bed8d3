"""Who may see and do what: rows, columns, tokens, roles, and `hub why`, against a real PostgreSQL."""
