"""The house rules: how a contract is written, beyond being valid."""
