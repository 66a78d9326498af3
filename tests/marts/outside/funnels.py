"""Funnels, tried out run by run: from every event that can begin one, walk forward through what the person did."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.marts.landed import Landed
from tests.marts.outside import equals

Fits = Callable[[Any], bool]


@dataclass(frozen=True)
class Event:
    """What one person did. `number` orders events of one moment, for good."""

    person: str
    name: str
    at: datetime.datetime
    number: Any
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Funnel:
    """`steps` say which events fit; `exclusions` are (which events, from step, to step), counted from 0."""

    steps: Sequence[Fits]
    window: datetime.timedelta
    order: str = "ordered"
    exclusions: Sequence[tuple[Fits, int, int]] = ()


@dataclass(frozen=True)
class Run:
    """One attempt: the events that made its steps, in the order of time."""

    made_of: tuple[Event, ...]
    is_excluded: bool = False

    @property
    def seconds(self) -> list[Decimal]:
        """From the first step to each."""
        return [seconds(event.at - self.made_of[0].at) for event in self.made_of]


def seconds(span: datetime.timedelta) -> Decimal:
    return Decimal(span // datetime.timedelta(microseconds=1)) / 1_000_000


def walk(events: Sequence[Event], first: Event, funnel: Funnel) -> Run:
    """The run that an event of the first step begins. `events` are all of the person's, sorted by time and number."""
    made_of, end = [first], first.at + funnel.window
    for gap, fits in enumerate(funnel.steps[1:]):
        now = made_of[-1].at
        found = next(
            (one for one in events if now <= one.at <= end and one not in made_of and fits(one)),
            None,
        )
        if found and funnel.order == "strict" and any(now < one.at < found.at for one in events):
            found = None
        is_excluded = any(
            excluded(one) and now < one.at and (one.at < found.at if found else one.at <= end)
            for excluded, since, until in funnel.exclusions
            if since <= gap < until
            for one in events
        )
        if found:
            made_of.append(found)
        if is_excluded or not found:
            return Run(tuple(made_of), is_excluded)
    return Run(tuple(made_of))


def gather(events: Sequence[Event], first: Event, funnel: Funnel) -> Run:
    """The run of an unordered funnel that an event of any step begins: each step's first event from then on."""
    end = first.at + funnel.window
    for excluded, _, _ in funnel.exclusions:
        end = min([end, *(one.at for one in events if excluded(one) and one.at > first.at)])
    taken: list[Event] = []
    for fits in funnel.steps:
        found = next((one for one in events if first.at <= one.at <= end and one not in taken and fits(one)), None)
        taken += [found] if found else []
    return Run(tuple(sorted(taken, key=lambda one: one.at)))


def runs(events: Iterable[Event], funnel: Funnel) -> dict[str, list[Run]]:
    """All runs of each person."""
    history = defaultdict(list)
    for event in events:
        history[event.person].append(event)
    found = {}
    for person, did in history.items():
        did.sort(key=lambda one: (one.at, one.number))
        begins = funnel.steps if funnel.order == "unordered" else funnel.steps[:1]
        attempt = gather if funnel.order == "unordered" else walk
        found[person] = [attempt(did, one, funnel) for one in did if any(fits(one) for fits in begins)]
    return found


def best(some: Iterable[Run], order: str) -> Run | None:
    """The run that counts: the furthest, not excluded, first there, quickest (unordered: first begun)."""
    return min(
        some,
        key=lambda run: (
            -len(run.made_of),
            run.is_excluded,
            run.made_of[-1].at,
            run.seconds[-1] if order != "unordered" else -run.seconds[-1],
            run.seconds,
        ),
        default=None,
    )


def people(events: Iterable[Event], funnel: Funnel, counts: Callable[[Event], bool] = lambda _: True) -> dict[str, Run]:
    """The best run of each person who is in the funnel, of those runs whose first event `counts`."""
    chosen = {
        person: best([run for run in tried if counts(run.made_of[0])], funnel.order)
        for person, tried in runs(events, funnel).items()
    }
    return {person: run for person, run in chosen.items() if run and not run.is_excluded}


SHIPPED = {
    "shop": (7, ["product_view", "cart_add", "checkout_start", "purchase"], ["platform", "country"]),
    "onboarding": (
        14,
        ["sign_up", "onboarding_complete", "content_start", "content_complete"],
        ["platform", "country", "acquisition_channel"],
    ),
    "trial": (21, ["trial_start", "subscription_start"], ["platform", "country", "acquisition_channel"]),
}


@equals(
    "select funnel, breakdown, breakdown_value, period, period_start, step, step_name, people, conversion_from_first,"
    " conversion_from_previous, people_lost, drop_off, mean_seconds_from_first, median_seconds_from_first,"
    " p25_seconds_from_first, p75_seconds_from_first, p90_seconds_from_first, mean_seconds_from_previous,"
    " median_seconds_from_previous, p25_seconds_from_previous, p75_seconds_from_previous, p90_seconds_from_previous,"
    " is_complete from reporting.funnels"
)
def shipped(landed: Landed) -> list[tuple]:
    rows = []
    for name, (days, steps, breakdowns) in SHIPPED.items():
        events = [
            Event(event.person, event.event_type, event.at, event.event_id, {"event": event})
            for event in landed.people[landed.people.event_type.isin(steps)].itertuples()
        ]
        funnel = Funnel([lambda one, step=step: one.name == step for step in steps], datetime.timedelta(days=days))
        cells = defaultdict(lambda: defaultdict(list))
        for person, tried in runs(events, funnel).items():
            for run in tried:
                entered = run.made_of[0].more["event"]
                values = [("all", "all"), *((what, value(landed, entered, what)) for what in breakdowns)]
                periods = [(kind, landed.start_of(kind, entered.date)) for kind in ("day", "week", "month")]
                for cell in ((*one, *period) for one in values for period in [*periods, ("all", landed.dates[0])]):
                    cells[cell][person].append(run)
        for (*which, kind, start), of_people in cells.items():
            chosen = [best(tried, funnel.order) for tried in of_people.values()]
            last = {
                "day": start,
                "week": start + datetime.timedelta(days=6),
                "month": (start + datetime.timedelta(days=31)).replace(day=1) - datetime.timedelta(days=1),
                "all": max(run.made_of[0].more["event"].date for run in chosen),
            }[kind]
            is_complete = last + datetime.timedelta(days=days) <= landed.dates[-1]
            for number, step in enumerate(steps):
                rows.append((name, *which, kind, start, number + 1, step, *counts(chosen, number), is_complete))
    return rows


def value(landed: Landed, event: Any, what: str) -> str:
    """Where the user lived and what brought him then; else what the event says."""
    if what == "platform":
        return event.platform or "unknown"
    user = event.person.removeprefix("user:") if event.person.startswith("user:") else None
    known = landed.state("users", user, event.at).get(what) or None
    if what == "country":
        return (known.upper() if known else event.country) or "unknown"
    return known.lower() if known else "unknown"


def counts(chosen: list[Run], number: int) -> tuple:
    there = [run.seconds for run in chosen if len(run.made_of) > number]
    people = len(there)
    if number == 0:
        return (people, 1, *(None,) * 13)
    before = sum(len(run.made_of) >= number for run in chosen)
    lost = before - people
    return (
        *(people, rounded(people, len(chosen)), rounded(people, before), lost, rounded(lost, before)),
        *times([one[number] for one in there]),
        *times([one[number] - one[number - 1] for one in there]),
    )


def rounded(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("1e-4"), ROUND_HALF_UP) if whole else None


def times(values: list[Decimal]) -> list[Decimal | None]:
    """Mean, median, 25th, 75th and 90th percentile, between two values in proportion; three decimals."""
    if not values:
        return [None] * 5
    values = sorted(values)
    found = [sum(values) / len(values)]
    for share in (0.5, 0.25, 0.75, 0.9):
        place = share * (len(values) - 1)
        low, high = float(values[int(place)]), float(values[min(int(place) + 1, len(values) - 1)])
        found.append(Decimal(f"{low + (high - low) * (place - int(place)):.15g}"))
    return [number.quantize(Decimal("1e-3"), ROUND_HALF_UP) for number in found]
