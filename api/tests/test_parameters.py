"""A parameter that may be left out is in the document what it is when it is required."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from fastapi import FastAPI, Header, Query
from pydantic import Field, create_model

from app.http.openapi import build_openapi
from app.types import Currency, Line, Moment, Text

KINDS: list[tuple[Any, dict[str, Any]]] = [
    (int, {"ge": 0}),
    (int, {"gt": 0, "lt": 10, "multiple_of": 2}),
    (float, {"le": 1.5}),
    (Decimal, {"ge": 0}),
    (str, {"min_length": 1, "max_length": 9, "pattern": "^a"}),
    (Text, {"max_length": 200}),
    (Line, {"min_length": 1}),
    (Literal["a", "-a"], {}),
    (Currency, {}),
    (bool, {}),
    (UUID, {}),
    (date, {"ge": date(2026, 1, 1)}),
    (datetime, {}),
    (Moment, {}),
]


def one(app: FastAPI) -> dict[str, Any]:
    [parameter] = build_openapi(app)["paths"]["/"]["get"]["parameters"]
    return dict(parameter)


def declared(annotation: Any) -> dict[str, Any]:
    app = FastAPI()

    @app.get("/")
    async def operation(value: annotation) -> None: ...

    return one(app)


def declared_left_out(annotation: Any) -> dict[str, Any]:
    app = FastAPI()

    @app.get("/")
    async def operation(value: annotation = None) -> None: ...

    return one(app)


@pytest.mark.parametrize("where", [Query, Header])
@pytest.mark.parametrize(("kind", "bounds"), KINDS)
def test_as_a_parameter(kind, bounds, where, record_property):
    required = declared(Annotated[kind, where(description="What.", **bounds)])
    left_out = declared_left_out(Annotated[kind | None, where(description="What.", **bounds)])

    assert (required.pop("required"), left_out.pop("required")) == (True, False)
    assert left_out == required
    record_property("kinds of parameters that may be left out", 1)


@pytest.mark.parametrize(("kind", "bounds"), KINDS)
def test_as_a_field_of_a_query_model(kind, bounds, record_property):
    field = Field(description="What.", **bounds)
    required = create_model("Required", value=(Annotated[kind, field], ...))
    optional = create_model("Optional", value=(Annotated[kind | None, field], None))

    one, other = declared(Annotated[required, Query()]), declared(Annotated[optional, Query()])

    assert (one.pop("required"), other.pop("required")) == (True, False)
    assert other == one
    record_property("kinds of parameters that may be left out", 1)
