"""Subscriptions: changes, live queries and resume, against a real PostgreSQL and over real sockets."""
