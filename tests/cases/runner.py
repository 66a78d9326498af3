"""Takes a case through the pipeline: its events land as files of a source of its own, are loaded, and dbt builds.

A case is a JSON file: `events` are `[actor, event name, time, {properties}]`, `params` the question, `identities` which
ids are one person. Times are ISO texts, or seconds after the first moment of 2020.
"""

import copy
import datetime
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import yaml

from ingestion.contract_yaml import load_contract
from ingestion.contracts import Contract
from tests.dbt.helpers import DAY, FIRST, Company

CONTRACT = {
    "description": "The events of a case.",
    "cadence": "irregular",
    "earliest": datetime.date(2010, 1, 1),
    "files": {
        "events": {
            "patterns": ["events.ndjson"],
            "format": "ndjson",
            "target": "user_events",
            "columns": {
                "event_id": "event_id",
                "event_type": "event",
                "event_ts": "time",
                "user_id": "user_id",
                "anonymous_id": "anonymous_id",
                "browser": "$browser",
                "user_agent": "user_agent",
                "utm_source": "utm_source",
                "utm_medium": "utm_medium",
                "utm_campaign": "utm_campaign",
            },
            "event_types": {"$pageview": "page_view", "sign up": "sign_up"},
        }
    },
}
SOURCE = "case"


class Case:
    """One case: `name`, `kind`, `params`, `expected`, and `lines`, its events as a producer would write them.

    Who has two ids is a user with two devices: each id is a visitor's, and the last event of each carries the user id.
    So the earlier events become the user's by that later login. Anybody else stays a visitor.
    """

    def __init__(self, path: Path) -> None:
        told = json.loads(path.read_text())
        self.name: str = told["name"]
        self.kind: str = told["kind"]
        self.params: dict[str, Any] = told["params"]
        self.expected: Any = told["expected"]
        self.identities: dict[str, list[str]] = told.get("identities", {})
        events = told["events"] or (visits(told) if self.kind == "attribution" else [])
        self.lines = [self._line(number, event) for number, event in enumerate(events)]
        for person, ids in self.identities.items():
            for one in ids:
                seen = [line for line in self.lines if line["anonymous_id"] == one]
                max(seen, key=lambda line: line["time"])["user_id"] = person

    @staticmethod
    def _line(number: int, event: list) -> dict[str, Any]:
        actor, name, time, *properties = event
        return {
            "event_id": f"e{number}",
            "event": name,
            "time": moment(time).isoformat(),
            "anonymous_id": actor,
            **(properties[0] if properties else {}),
        }

    def dates(self) -> list[datetime.date]:
        """Each date from `date_from` to `date_to` of the question; without them, of the events (UTC)."""
        seen = [date_of(line) for line in self.lines]
        first, last = (self.params.get(name) for name in ("date_from", "date_to"))
        first = datetime.date.fromisoformat(first[:10]) if first else min(seen)
        last = datetime.date.fromisoformat(last[:10]) if last else max(seen)
        return [first + number * DAY for number in range((last - first).days + 1)]


def visits(told: dict[str, Any]) -> list[list]:
    """An event for each row of a case that has a table of where visits come from."""
    return [
        [f"v{number}", "page_view", number, {"utm_source": source, "utm_medium": medium, "utm_campaign": campaign}]
        for number, (source, medium, campaign, _) in enumerate(told["expected"]["cases"])
    ]


def moment(time: str | int) -> datetime.datetime:
    if isinstance(time, int):
        return datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(seconds=time)
    return datetime.datetime.fromisoformat(time)


def date_of(line: dict[str, Any]) -> datetime.date:
    return datetime.datetime.fromisoformat(line["time"]).astimezone(datetime.UTC).date()


def contract_of_cases(folder: Path, no_activity: list[str] = ()) -> Contract:
    """The contract of the source that cases come from, by way of a file."""
    contract = copy.deepcopy(CONTRACT)
    if no_activity:
        contract["files"]["events"]["no_activity"] = no_activity
    path = folder / f"{SOURCE}.yml"
    path.write_text(yaml.safe_dump(contract))
    return load_contract(path)


def bring_in(company: Company, case: Case, folder: Path) -> None:
    """Land, load and build a case. The later half of its days is built first, so that logins come before visits.

    Where the question names an event, only that is activity. A bot's visits on the first and the last date of the
    question make a row of each date between: bots count nowhere.
    """
    asked = case.params.get("event")
    others = sorted({line["event"] for line in case.lines} - {asked})
    company.contracts = [contract_of_cases(folder, no_activity=others if asked else [])]
    company.landing.mkdir(exist_ok=True)

    days = defaultdict(list)
    for line in case.lines:
        days[date_of(line)].append(line)
    dates = case.dates()
    for bound in {dates[0], dates[-1]}:
        days[bound].append(
            {
                "event_id": f"bot of {bound}",
                "event": asked or "crawl",
                "time": f"{bound}T12:00:00Z",
                "anonymous_id": "bot",
                "user_agent": "Googlebot/2.1",
            }
        )
    numbers = sorted((date - FIRST).days + 1 for date in days)
    for date, lines in days.items():
        company.land_from(SOURCE, (date - FIRST).days + 1, lines)
    half = len(numbers) // 2
    for part in (numbers[half:], numbers[:half]):
        if part:
            company.build(*part)
