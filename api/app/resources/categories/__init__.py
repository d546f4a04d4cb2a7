from app.resources.categories.models import CONSTRAINTS
from app.resources.categories.router import TAG, router

__all__ = ["CONSTRAINTS", "TAG", "router"]
