"""The pinned contract, and the client that is generated from it. Knows no Django, no network."""
