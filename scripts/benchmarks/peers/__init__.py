"""Other ways to serve the same table, each in one file, with the same answers to the same calls."""
