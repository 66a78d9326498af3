"""Funnels, tried out run by run: from every event that can begin one, walk forward through what the person did."""

import datetime
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

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
