"""Pure functions: no database, no clock, no documents."""
