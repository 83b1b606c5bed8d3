"""The hub over HTTP: GraphQL, the workbench, readings of collectors, health."""
