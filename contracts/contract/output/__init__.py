"""Findings for a person, a program, and the services that show them beside a change. `formats` has the table."""
