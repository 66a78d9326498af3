"""What one more day costs, by how much history lies before it.

The same day's files, with the same late events, are loaded upon histories of different length: the history grows
backwards, so that nothing but its length differs. Each measurement runs in a copy of the warehouse.
"""

import csv
import io
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

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
        road.land(days_from(start, histories[-1]))
        road.land(measured)
        told = _extracts(road, start)
        held: set[date] = set()
        for history in histories:
            begins = FIRST_MEASURED - timedelta(days=history)
            wanted = {start, *days_from(begins, history)}
            # The company's first day is published anew: it now holds the changes of all days before the history begins.
            _tell_on_first_day(road, told, days_from(start, (begins - start).days))
            added = sorted(wanted - held | {start})
            road.publish(added)
            road.build(added, "--full-refresh")
            held |= wanted
            points.append(_point(road, history, measured))
            say(f"{history} days of history: {points[-1].total:.2f} s, {points[-1].buffers:,.0f} buffers a day")
    return points


def _extracts(road: Road, day: date) -> dict[str, bytes]:
    """The day's extracts, by name."""
    return {path.name: path.read_bytes() for path in (road.landing / "app" / day.isoformat()).glob("*.csv")}


def _tell_on_first_day(road: Road, told: dict[str, bytes], skipped: Sequence[date]) -> None:
    """Append to the first day's change records those of the days whose events are left out.

    Otherwise users would be unknown until they change, and a change would then concern all that they ever did. The
    records are dated within the day after the first, in their order: the loader holds back what lies further ahead.
    """
    added: dict[str, list[dict[str, str]]] = {}
    for day in skipped[1:]:
        for name, body in _extracts(road, day).items():
            added.setdefault(name, []).extend(csv.DictReader(io.StringIO(body.decode())))
    midnight = datetime.combine(road.start + timedelta(days=1), time(), UTC)
    for name, body in told.items():
        records = added.get(name, [])
        lines = io.StringIO()
        writer = csv.DictWriter(
            lines, body.decode().partition("\n")[0].rstrip("\r").split(","), lineterminator="\n", extrasaction="ignore"
        )
        for number, record in enumerate(records):
            at = midnight + number * timedelta(days=1) / len(records)
            writer.writerow(record | {"changed_at": at.strftime("%Y-%m-%dT%H:%M:%SZ")})
        (road.landing / "app" / road.start.isoformat() / name).write_bytes(body + lines.getvalue().encode())


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
