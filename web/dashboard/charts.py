"""What people compare, as the bars of an SVG: no script needed, and the strictest policy holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from client.models import CategoryCount, DayOfMovements

DAYS = 30
STEP, BAR, HEIGHT = 20, 14, 120  # user units: a day, a bar, the whole
MOST_CATEGORIES = 6  # as many rows as the lists beside it


@dataclass(frozen=True)
class Bar:
    """What came, upwards from the axis, or what went, downwards."""

    kind: str
    x: int
    y: float
    height: float


@dataclass(frozen=True)
class Chart:
    """The bars of the last 30 days, and what a person compares them with."""

    bars: list[Bar]
    zero: float
    begins: date
    ends: date
    pieces_in: int
    pieces_out: int


def movements_chart(movements: Sequence[DayOfMovements], today: date) -> Chart | None:
    """Return the chart; None when nothing moved."""
    if not movements:
        return None
    begins = today - timedelta(days=DAYS - 1)
    most_in, most_out = (
        max(getattr(day, name) for day in movements) for name in ("pieces_in", "pieces_out")
    )
    piece = HEIGHT / (most_in + most_out or 1)
    zero = round(most_in * piece, 1)
    bars = []
    for day in movements:
        x = (date.fromisoformat(day.day) - begins).days * STEP + (STEP - BAR) // 2
        up, down = round(day.pieces_in * piece, 1), round(day.pieces_out * piece, 1)
        bars += [Bar("in", x, round(zero - up, 1), up), Bar("out", x, zero, down)]
    return Chart(
        bars=[bar for bar in bars if bar.height],
        zero=zero,
        begins=begins,
        ends=today,
        pieces_in=sum(day.pieces_in for day in movements),
        pieces_out=sum(day.pieces_out for day in movements),
    )


@dataclass(frozen=True)
class Share:
    """A category and how long its bar is, in percent of the longest."""

    category_id: str
    name: str
    count: int
    percent: float


def categories_chart(categories: Sequence[CategoryCount]) -> list[Share]:
    """Return the largest categories; what is in none is no place to go to, and left out."""
    named = [row for row in categories if row.category_id is not None][:MOST_CATEGORIES]
    top = max((row.count for row in named), default=0) or 1
    return [
        Share(str(row.category_id), row.name, row.count, round(row.count / top * 100, 1))
        for row in named
    ]
