"""Schemas by meaning: whether every value that one side writes is accepted by the side that reads."""
