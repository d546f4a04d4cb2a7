"""The resources of this service: RESOURCES is the one list to edit when one comes or goes.

Importing this module registers every table with ``Model.metadata``; Alembic relies on that.
"""

from app.database.constraints import Violation
from app.resources import categories, products, statistics, stock

RESOURCES = (
    categories,
    products,
    stock,
    statistics,
)

CONSTRAINTS: dict[str, Violation] = {
    name: violation for resource in RESOURCES for name, violation in resource.CONSTRAINTS.items()
}
