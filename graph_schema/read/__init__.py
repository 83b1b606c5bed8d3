"""Queries: selection → plan → one SQL statement, whose JSON text goes to the client as it is."""
