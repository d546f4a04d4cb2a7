"""The house rules: what a contract looks like beyond being valid."""
