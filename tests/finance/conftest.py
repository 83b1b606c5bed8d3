"""The books of tests/ledgers, as a database of their own for each test."""

from __future__ import annotations

from tests.ledgers.conftest import books, opened_books

__all__ = ["books", "opened_books"]  # the fixtures
