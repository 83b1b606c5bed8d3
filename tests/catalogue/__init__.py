"""The catalogue: every entity with what it must have."""
