"""Mutations: inputs from GraphQL to the write verbs, and the document read back in the same transaction."""
