"""The contract between an API and those who call it: compare, check, release, document and mock it."""

__version__ = "1.0.0"
