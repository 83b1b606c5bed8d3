"""The audit: that it is written, chained and sealed, and that a change of history is found."""
