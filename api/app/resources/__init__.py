"""The resources of this service: NAMES is the one list to edit when one comes or goes.

Importing this module registers every table with ``Model.metadata``; Alembic relies on that.
"""

from importlib import import_module
from types import ModuleType

NAMES: list[str] = []
NAMES += ["categories", "products", "stock", "statistics"]  # the sample

RESOURCES: list[ModuleType] = [import_module(f"{__name__}.{name}") for name in NAMES]
