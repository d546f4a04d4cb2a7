from app.database.constraints import Violation
from app.resources.statistics.router import TAG, router

CONSTRAINTS: dict[str, Violation] = {}  # callers write nothing here

__all__ = ["CONSTRAINTS", "TAG", "router"]
