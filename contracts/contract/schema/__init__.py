"""Schemas by meaning: what one writes, what the other reads, and whether the first is within the second."""
