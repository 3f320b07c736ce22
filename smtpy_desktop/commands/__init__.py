"""The command line, thin over the controllers."""
