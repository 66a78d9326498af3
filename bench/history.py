"""What one more day costs, by how much history lies before it.

The same day's files, with the same late events, are loaded upon histories of different length: the history grows
backwards, so that nothing but its length differs. Each measurement runs in a copy of the warehouse.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bench.road import Cost, Road, days_from, throwaway_road

FIRST_MEASURED = date(2026, 3, 1)
QUICK = (12, 36, 120, 365)
FULL = (12, 36, 120, 365, 1095)


@dataclass(frozen=True)
class Point:
    """Medians over the days that were measured upon `history` days; `seconds` by step; buffers are 8 KiB blocks."""

    history: int
    seconds: dict[str, float]
    buffers: float
    events_before: int
    slowest: list[tuple[str, float]]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def measure(
    say: Callable[[str], None], *, histories: Sequence[int] = QUICK, days: int = 3, scale: float = 1
) -> list[Point]:
    """A point for each length of history, in days, ascending."""
    histories = sorted(histories)
    start = FIRST_MEASURED - timedelta(days=histories[-1])
    measured = days_from(FIRST_MEASURED, days + 1)
    points = []
    with throwaway_road(start=start, scale=scale) as road:
        road.land(measured)
        held: set[date] = set()
        for history in histories:
            # The company's first day has the state of all that exists; without it most users would be unknown.
            wanted = {start, *days_from(FIRST_MEASURED - timedelta(days=history), history)}
            added = sorted(wanted - held)
            road.land(added)
            road.publish(added)
            road.build(added, "--full-refresh")
            held |= wanted
            points.append(_point(road, history, measured))
            say(f"{history} days of history: {points[-1].total:.2f} s, {points[-1].buffers:,.0f} buffers a day")
    return points


def _point(road: Road, history: int, days: Sequence[date]) -> Point:
    """The first of `days` warms up: caches, and what dbt and PostgreSQL have to look up once."""
    with road.copy("measured") as copied:
        events = copied.ask("select count(*) from raw.user_events")
        costs: list[Cost] = [copied.one_day(day) for day in days][1:]
        slowest = copied.slowest_models()
    return Point(
        history,
        {step: statistics.median(cost.seconds[step] for cost in costs) for step in costs[0].seconds},
        statistics.median(cost.buffers for cost in costs),
        events,
        slowest,
    )
