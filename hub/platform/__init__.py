"""The platform: what `hub up` checks, prepares, starts, watches and stops."""
