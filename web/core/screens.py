"""A family of screens: its URL names, its schema, its words, and what it expects of a resource."""

import re
from dataclasses import dataclass, field
from typing import Protocol

from django.urls import reverse

from contract.document import pinned
from core.contract_forms import label as contract_label
from core.fields import words
from core.lists import ListQuery


class Resource(Protocol):
    """What every resource of the API has."""

    @property
    def id(self) -> str:
        """Return its id."""

    @property
    def name(self) -> str:
        """Return what people call it."""

    @property
    def version(self) -> int:
        """Return the version that If-Match wants."""


class Page(Protocol):
    """One page of a list."""

    @property
    def next_cursor(self) -> str | None:
        """Return what asks for the page after; None on the last."""

    @property
    def prev_cursor(self) -> str | None:
        """Return what asks for the page before; None on the first."""


@dataclass(frozen=True)
class Screens:
    """How one family of screens is called: its URL names, its schema, its words.

    ``name`` is what the API's operations call one of them: ``purchase_order``.
    """

    app: str
    schema: str
    columns: tuple[str, ...]
    labels: dict[str, str] = field(default_factory=dict)
    name: str = ""

    def __post_init__(self) -> None:
        """Take the schema's words where no name is given: ``PurchaseOrder``."""
        spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", self.schema)
        object.__setattr__(self, "name", self.name or spaced.lower())

    @property
    def noun(self) -> str:
        """Return the words for one of them."""
        return self.name.replace("_", " ")

    @property
    def title(self) -> str:
        """Return the heading of the list."""
        return words(self.app)

    @property
    def create(self) -> str:
        """Return the id of the operation that makes one."""
        return f"create_{self.name}"

    @property
    def update(self) -> str:
        """Return the id of the operation that changes one."""
        return f"update_{self.name}"

    @property
    def remove(self) -> str:
        """Return the id of the operation that deletes one."""
        return f"delete_{self.name}"

    @property
    def detail(self) -> str:
        """Return the name of the URL of one."""
        return f"{self.app}:detail"

    @property
    def list_url(self) -> str:
        """Return the address of the list."""
        return reverse(f"{self.app}:list")

    @property
    def create_url(self) -> str:
        """Return the address of the empty form."""
        return reverse(f"{self.app}:create")

    def headings(self, query: ListQuery) -> list[dict[str, str]]:
        """Return the columns with the order that a click on each asks for."""
        orders = {
            query.sort.removeprefix("-"): "descending" if query.sort[:1] == "-" else "ascending"
        }
        return [
            {
                "name": name,
                "label": self.label(name),
                "sort": query.next_sort(name),
                "order": orders.get(name, ""),
            }
            for name in self.columns
        ]

    def label(self, name: str) -> str:
        """Return the words for a property."""
        prop = pinned().schemas[self.schema]["properties"][name]
        return self.labels.get(name) or contract_label(name, prop)
