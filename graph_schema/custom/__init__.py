"""Root fields that are no documents: who asks, and what the types and fields are called."""
