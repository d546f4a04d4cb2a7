"""The query of a list page: the parameters that the contract has, and no others."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import cached_property

from contract.annotations import is_ending
from contract.document import Json, pinned
from core.contract_forms import label, nullable

Choices = list[tuple[str, str]]


INPUTS = {"integer": "number", "number": "number", "date": "date"}


@dataclass(frozen=True)
class Filter:
    """A select above a list; an input of a type of HTML where there is nothing to choose from."""

    name: str
    label: str
    choices: Choices
    value: str
    type: str = ""


class ListQuery:
    """The page's own query string, read by the parameters of the API's list operation."""

    def __init__(self, request: HttpRequest, operation_id: str) -> None:
        self.operation = pinned().operations[operation_id]
        names = [p["name"] for p in self.operation.parameters if p["in"] == "query"]
        self.values = {name: request.GET[name] for name in names if request.GET.get(name)}

    def get(self, name: str) -> str | None:
        """Return one parameter; None when it was not asked for."""
        return self.values.get(name)

    @property
    def can_search(self) -> bool:
        """Whether the list takes words to search for."""
        return self._lasting("q") is not None

    @property
    def q(self) -> str:
        """Return the words that were searched for."""
        return self.values.get("q", "")

    @property
    def sorts(self) -> Choices:
        """Return every order that the contract has, for people."""
        names = [str(name) for name in self._sort_schema.get("enum", ())]
        down = ", descending"
        return [(n, label(n.removeprefix("-")) + down * n.startswith("-")) for n in names]

    @property
    def searched(self) -> bool:
        """Whether the list may be short because of what was asked, not of what there is."""
        return bool(self.values.keys() - {"sort", "cursor"})

    @property
    def sort(self) -> str:
        """Return the order that the list is in."""
        return self.values.get("sort") or str(self._sort_schema.get("default", ""))

    def next_sort(self, column: str) -> str:
        """Return what a click on a column's heading asks for; empty when it cannot be sorted by."""
        known = self._sort_schema.get("enum", ())
        if column not in known:
            return ""
        return f"-{column}" if self.sort == column and f"-{column}" in known else column

    @cached_property
    def _sort_schema(self) -> Json:
        parameter = self._lasting("sort")
        return pinned().resolve(parameter["schema"]) if parameter else {}

    def _lasting(self, name: str) -> Json | None:
        """Return a parameter that is not deprecated; None when the list has no such one."""
        parameter = self.operation.parameter(name)
        return None if parameter and is_ending(pinned(), parameter) else parameter

    def filter(self, name: str, choices: Choices | None = None, words: str = "") -> Filter:
        """Return the control of one parameter; its choices are the contract's unless given."""
        parameter = self.operation.parameter(name)
        assert parameter, f"{self.operation.id} has no parameter {name}"  # noqa: S101
        schema, _ = nullable(parameter["schema"])
        if schema.get("type") == "array":
            schema, _ = nullable(schema.get("items", {}))
        kind = ""
        if choices is None and schema.get("type") == "boolean":
            choices = [("true", "Yes"), ("false", "No")]
        elif choices is None and "enum" in schema:
            choices = [(str(value), label(str(value))) for value in schema["enum"]]
        elif choices is None:
            kind = INPUTS.get(schema.get("format", ""), INPUTS.get(schema.get("type", ""), "text"))
        return Filter(name, words or label(name), choices or [], self.get(name) or "", kind)
