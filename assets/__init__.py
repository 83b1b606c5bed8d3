"""The pipeline: silos into `raw`, conformed into the hub through its write verbs, marts out of it."""
