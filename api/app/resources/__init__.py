"""The resources of this service: NAMES is the one list to edit when one comes or goes.

Importing this module registers every table with ``Model.metadata``; Alembic relies on that.
"""

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from app.http.declarations import DeclarationError

NAMES: list[str] = []
NAMES += ["categories", "products", "stock", "statistics"]  # the sample

for name in NAMES:
    if find_spec(f"{__name__}.{name}") is None:
        raise DeclarationError(f"app/resources: NAMES has {name!r}, and there is no such folder")
RESOURCES: list[ModuleType] = [import_module(f"{__name__}.{name}") for name in NAMES]
