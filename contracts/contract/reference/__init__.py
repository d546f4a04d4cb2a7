"""The reference of a release as one page that needs nothing else: no network, no script, no font."""
