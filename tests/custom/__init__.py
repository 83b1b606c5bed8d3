"""Custom fields and forms."""
