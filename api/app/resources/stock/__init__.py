from app.resources.stock.models import CONSTRAINTS
from app.resources.stock.router import TAG, router

__all__ = ["CONSTRAINTS", "TAG", "router"]
