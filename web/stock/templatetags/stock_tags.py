"""How a movement is shown."""

from django import template

from client.models import StockMovement

register = template.Library()
SIGNS = {"in": "+", "out": "−"}


@register.filter
def signed_pieces(movement: StockMovement) -> str:
    """Show the pieces and which way they went: ``+12``, ``−3``."""
    return f"{SIGNS.get(movement.direction, '')}{movement.pieces:,}"
