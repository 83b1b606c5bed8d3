"""The endpoint against its specification and against whoever means it no good."""
