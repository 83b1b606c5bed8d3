"""Product and process design: versions, what items are made of, changes, and how production follows."""
