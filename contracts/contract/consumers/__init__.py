"""What each consumer uses of the API, whom a difference breaks, and what runs where."""
