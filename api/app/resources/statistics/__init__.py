from app.database.constraints import Violation
from app.resources.statistics.router import TAG, router

CONSTRAINTS: dict[str, Violation] = {}  # it has no table of its own

__all__ = ["CONSTRAINTS", "TAG", "router"]
