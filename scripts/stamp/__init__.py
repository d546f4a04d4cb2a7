"""Makes repositories from the live code: copies what git tracks, and replaces the product's name.

It uses the standard library only, because it runs in the Python of cookiecutter, of cruft or of a team.
"""
