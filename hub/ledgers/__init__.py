"""Append-only books: stock, readings. Only what stands here writes ledger rows."""
