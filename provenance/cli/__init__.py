"""The command line: one command, one call of `provenance.api`, the same words."""
