"""Dependencies that resolve a path to a row: for a read, or for a write in the caller's version."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Path

from app.database.model import Model
from app.database.rows import get_row, lock_row
from app.http.dependencies import ReaderDep, SessionDep
from app.http.etags import PreconditionDep
from app.http.problems import NotFound

M = TypeVar("M", bound=Model)
F = TypeVar("F", bound=Callable[..., Any])


def path_id(name: str) -> Any:
    """Return the declaration of the path parameter ``{name_id}``."""
    return Path(alias=f"{name}_id", description=f"The {_words(name)}.")


def _words(name: str) -> str:
    return name.replace("_", " ")


def row_or_404(model: type[Model], name: str) -> Callable[..., Awaitable[Any]]:
    """Return a dependency: the row that the path names, as ``{name_id}``; 404 if there is none."""

    async def get(row_id: UUID = path_id(name), *, reader: ReaderDep) -> Any:  # noqa: B008
        if row := await get_row(reader, model, row_id):
            return row
        raise NotFound(f"No such {_words(name)}.")

    return _named(get, f"get_{name}")


def current_row(
    model: type[M], name: str, represent: Callable[[Any], dict[str, Any]], read_scope: str
) -> Callable[..., Awaitable[M]]:
    """Return a dependency: the row that the path names, locked, in the version that was read.

    404 if there is none, 428 without ``If-Match``, 412 for another version; that shows the present
    one to callers who have ``read_scope``.
    """

    async def get(
        row_id: UUID = path_id(name),  # noqa: B008
        *,
        session: SessionDep,
        if_match: PreconditionDep,
    ) -> M:
        if row := await lock_row(session, model, row_id):
            if_match.check(row, represent(row), read_scope)  # type: ignore[arg-type]
            return row
        raise NotFound(f"No such {_words(name)}.")

    return _named(get, f"lock_{name}")


def _named(function: F, name: str) -> F:
    """Return the function under a name that tracebacks and the log of slow statements show."""
    code: Any = function.__code__
    function.__code__ = code.replace(co_name=name, co_qualname=name)
    function.__name__ = function.__qualname__ = name
    return function
