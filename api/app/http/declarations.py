"""What is declared wrongly stops the start, in one line; a request would find it too late."""


class DeclarationError(RuntimeError):
    """An operation or a list is declared so that it cannot work; the message says what to do."""
