"""Dependencies that resolve a path to a row that is read."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Path

from app.database.model import Model
from app.database.rows import get_row
from app.http.dependencies import ReaderDep
from app.http.problems import NotFound

F = TypeVar("F", bound=Callable[..., Any])


def path_id(name: str) -> Any:
    """Return the declaration of the path parameter ``{name_id}``."""
    return Path(alias=f"{name}_id", description=f"The {words(name)}.")


def words(name: str) -> str:
    """Return a name in words: ``purchase_order`` is "purchase order"."""
    return name.replace("_", " ")


def row_or_404(model: type[Model], name: str) -> Callable[..., Awaitable[Any]]:
    """Return a dependency: the row that the path names, as ``{name_id}``; 404 if there is none."""

    async def get(row_id: UUID = path_id(name), *, reader: ReaderDep) -> Any:  # noqa: B008
        if row := await get_row(reader, model, row_id):
            return row
        raise NotFound(f"No such {words(name)}.")

    return named(get, f"get_{name}")


def named(function: F, name: str) -> F:
    """Return the function under a name that tracebacks and the log of slow statements show."""
    code: Any = function.__code__
    function.__code__ = code.replace(co_name=name, co_qualname=name)
    function.__name__ = function.__qualname__ = name
    return function
