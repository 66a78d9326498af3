"""Every panel of Grafana upon a year of the company: how long its SQL takes, as the role that Grafana is."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from psycopg2.extensions import cursor as Cursor

from bench.questions import DAYS, SCALE, START
from bench.road import days_from, median_seconds, throwaway_road
from dashboards.grafana.__main__ import documents
from dashboards.grafana.expansion import ALL, Range, expanded, panels

TARGET = 0.1  # seconds


@dataclass(frozen=True)
class Answer:
    """Seconds until a panel has its rows, or a variable its values: the median of the slowest choice."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Answers:
    """Slowest first; `events` is how many the warehouse holds."""

    events: int
    answers: list[Answer]

    @property
    def above_target(self) -> int:
        return sum(answer.seconds > TARGET for answer in self.answers)


def measure(
    say: Callable[[str], None],
    *,
    days: int = DAYS,
    scale: float = SCALE,
    repeats: int = 5,
    dashboards: Sequence[str] = (),
    start: date = START,
) -> Answers:
    """Build a company's history and ask what these dashboards ask, or all of them, for the whole of it."""
    asked = {
        name: json.loads(text)
        for name, text in documents().items()
        if not dashboards or name.removesuffix(".json") in dashboards
    }
    with throwaway_road(start=start, scale=scale) as road:
        load_dates = days_from(start, days)
        road.land(load_dates)
        road.publish(load_dates)
        views = sorted(set(re.findall(r"\breporting\.(\w+)", " ".join(_queries(asked.values())))))
        road.build_only(load_dates, *(f"+{view}" for view in views))
        events = int(road.ask("select count(*) from core.fact_user_events"))
        say(f"{events:,} events in {days} days stand")
        first = datetime(start.year, start.month, start.day, tzinfo=UTC)
        with closing(road.warehouse.connect("reader")) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            answers = [
                answer
                for document in asked.values()
                for answer in _asked(cursor, document, Range(first, first + timedelta(days)), repeats)
            ]
    answers.sort(key=lambda answer: -answer.seconds)
    for answer in answers[:8]:
        say(f"{answer.seconds * 1000:,.0f} ms: {answer.name}")
    return Answers(events, answers)


def _queries(documents: Iterator[Mapping[str, Any]]) -> Iterator[str]:
    for document in documents:
        yield from (variable["query"] for variable in document["templating"]["list"])
        yield from (panel["targets"][0]["rawSql"] for panel in panels(document))


def _asked(cursor: Cursor, document: Mapping[str, Any], during: Range, repeats: int) -> Iterator[Answer]:
    variables = document["templating"]["list"]
    choices: dict[str, list] = {}
    for variable in variables:
        name = f"{document['title']}: ${variable['name']}"
        if variable["type"] != "query":
            choices[variable["name"]] = variable["query"].split(",")
            continue
        yield Answer(name, median_seconds(cursor, variable["query"], repeats))
        # What the warehouse has differs little from one value to the other: the first, or all of them.
        choices[variable["name"]] = [ALL] if variable["includeAll"] else sorted(value for (value,) in cursor)[:1]
    defaults = {name: values[0] for name, values in choices.items() if values}
    for panel in panels(document):
        if panel["datasource"]["uid"] != "warehouse":
            continue
        sql = panel["targets"][0]["rawSql"]
        asked = {expanded(sql, during, variables, defaults)}
        for name, values in choices.items():
            asked |= {expanded(sql, during, variables, {**defaults, name: value}) for value in values}
        yield Answer(
            f"{document['title']}: {panel['title']}", max(median_seconds(cursor, each, repeats) for each in asked)
        )
