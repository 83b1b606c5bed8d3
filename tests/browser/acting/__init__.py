"""What people do with records in the browser, in a factory of its own: it is changed at will."""
