"""Makes repositories from the live code: copies what git tracks, with the product's name replaced.

Standard library only: it runs in whatever Python cookiecutter has.
"""
