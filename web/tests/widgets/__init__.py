"""A resource that exists in tests alone, with a contract of its own.

The tests of core and accounts run on it, so that they name no resource of the real contract.
"""
