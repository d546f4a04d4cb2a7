"""The resource of the rooms' own tests. It is on no list and in no contract: tests add it."""

from tests.widgets.models import CONSTRAINTS
from tests.widgets.router import TAG, router

__all__ = ["CONSTRAINTS", "TAG", "router"]
