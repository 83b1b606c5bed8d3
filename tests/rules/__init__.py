"""Pure rules: properties, and published examples with their numbers."""
