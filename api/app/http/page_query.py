"""The query parameters of every list: which page, of how many rows, and a text to find."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, Field

from app.database.functions import search_pattern
from app.types import Text, composed

MAX_CURSOR_LENGTH = 1000


class PageQuery(BaseModel):
    """Which page; a list adds its filters and its ``sort``.

    A parameter that is not declared is ignored and logged (docs/decisions).
    """

    cursor: str | None = Field(
        None,
        max_length=MAX_CURSOR_LENGTH,
        description="`next_cursor` or `prev_cursor` of another page.",
    )
    limit: int = Field(50, ge=1, le=100, description="Rows on a page.")


def _pattern(words: str | None) -> str | None:
    return search_pattern(composed(words)) if words else None


# A text to find in any case, as the LIKE pattern that database.functions.contains wants.
Search = Annotated[
    Text | None,
    Field(max_length=200, description="Text to find, in any case.", examples=["blue"]),
    AfterValidator(_pattern),
]
ORDER: Any = Field(description="Order; `-` means descending.")  # of a ``sort``
