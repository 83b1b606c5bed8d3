"""Events of the outbox: delivered, told of, and the duties that do so."""
