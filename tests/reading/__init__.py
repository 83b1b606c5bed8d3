"""The read compiler and the GraphQL endpoint against a real PostgreSQL."""
