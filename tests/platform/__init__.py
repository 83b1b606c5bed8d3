"""The platform: settings, embedded server, supervision, the command line."""
