"""Stock over time as the points of an SVG; no script, and it passes the strictest policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from client.models import StockMovement

WIDTH, HEIGHT, MARGIN = 600, 140, 6
LAST = 24  # the present level stays for a while, so that it can be seen


@dataclass(frozen=True)
class Chart:
    """A stair of stock levels, oldest first."""

    line: str
    area: str
    lowest: int
    highest: int
    begins: str
    ends: str


def stock_chart(movements: Sequence[StockMovement]) -> Chart | None:
    """Return the chart of movements that come newest first; None when there are too few."""
    if len(movements) < 2:
        return None
    ordered = list(reversed(movements))
    times = [datetime.fromisoformat(movement.created_at).timestamp() for movement in ordered]
    levels = [movement.stock_after for movement in ordered]
    top = max(*levels, 1)
    span = times[-1] - times[0] or 1.0
    xs = [round((time - times[0]) / span * (WIDTH - LAST), 1) for time in times]
    ys = [round(HEIGHT - MARGIN - level / top * (HEIGHT - 2 * MARGIN), 1) for level in levels]
    steps = [f"M{xs[0]},{ys[0]}"]
    steps += [f"H{x}V{y}" for x, y in zip(xs[1:], ys[1:], strict=True)]
    line = "".join(steps) + f"H{WIDTH}"
    return Chart(
        line=line,
        area=f"{line}V{HEIGHT}H0Z",
        lowest=min(levels),
        highest=max(levels),
        begins=ordered[0].created_at,
        ends=ordered[-1].created_at,
    )
