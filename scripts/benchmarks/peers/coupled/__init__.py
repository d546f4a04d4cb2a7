"""The pages of products as one coupled Django site, and the settings to serve our UI beside it.

Both run with the Python of web/, from its folder, with production settings on plain HTTP.
"""
