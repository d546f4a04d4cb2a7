"""What a command line says when it cannot do what was asked."""


class Refused(Exception):
    """One line that says what to do."""
