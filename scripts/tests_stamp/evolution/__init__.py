"""Changes of the contract, played: the API that a change describes, and the earlier UI in front of it."""
