from app.resources.products.document import describe
from app.resources.products.models import CONSTRAINTS
from app.resources.products.router import TAG, router

__all__ = ["CONSTRAINTS", "TAG", "describe", "router"]
