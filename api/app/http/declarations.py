"""Wrong declarations stop the start with one line."""


class DeclarationError(RuntimeError):
    """An operation or a list cannot work as declared; the message says what to do."""
