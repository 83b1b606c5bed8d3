"""Purchasing: who may be ordered of, what is bought of whom, and what is owed and paid for it."""
