"""Documents as files: in, out and back."""
