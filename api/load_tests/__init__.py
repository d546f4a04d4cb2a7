"""Runs that take minutes: servers under load while workers, database and issuer fail."""
