"""Three definitions of an analyst's own over real events of a podcast player, each against a count in plain Python.

A definition is a call of one macro. `LINES` says how many lines each takes, without the sentence about its grain.
"""

import datetime
import json
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from upath import UPath

from ingestion import service
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company, day
from tests.dbt.runner import Dbt
from tests.scratch import project_with

FUNNEL = """
-- One row per person and date of entry.
{{ funnel(
    steps=['play', {'event': 'complete', 'where': 'duration_seconds >= 1800', 'name': 'half an hour'}],
    window='7 days',
) }}
"""
FUNNEL_COUNTS = """
-- One row per period and step.
{{ funnel_steps(ref('half_an_hour_runs'), periods=['week']) }}
"""
RETENTION = """
-- One row per week of the first play, country and number of weeks since.
{{ retention(start='play', back='complete', kind='first_time', periods=['week'], breakdowns=['country']) }}
"""
FEATURES = """
-- One row per person, feature and date on which the person used it.
{{ features([
    {'name': 'jumping', 'event': 'seek'},
    {'name': 'long listening', 'event': ['play', 'complete'], 'where': 'duration_seconds > 3600'},
]) }}
"""
FEATURE_COUNTS = """
-- One row per period and feature.
{{ feature_use(ref('podcast_features')) }}
"""
LINES = {FUNNEL: 4, FUNNEL_COUNTS: 1, RETENTION: 1, FEATURES: 4, FEATURE_COUNTS: 1}
WEEK = datetime.timedelta(weeks=1)


@pytest.fixture(scope="module")
def built(warehouse, postgres_server, tmp_path_factory, podcast_sample: Path) -> tuple[Company, list[dict]]:
    folder = tmp_path_factory.mktemp("own")
    tables = {
        "half_an_hour_runs": FUNNEL,
        "half_an_hour": FUNNEL_COUNTS,
        "podcast_features": FEATURES,
        "podcast_feature_use": FEATURE_COUNTS,
    }
    project = project_with(folder / "project", tables, views={"podcast_retention": RETENTION})
    empty(warehouse, postgres_server)
    names = (*tables, "podcast_retention")
    made = Company(
        warehouse, folder / "landing", Dbt(warehouse, folder, project=project), [f"+{name}" for name in names]
    )
    landed = made.landing / "podcast" / str(day(1))
    landed.mkdir(parents=True)
    for name in ("event_logs.json", "users.csv", "episodes.csv"):
        shutil.copy(podcast_sample / name, landed)
    service.load_day(made.connection, UPath(made.landing), day(1))
    service.publish_day(made.connection, day(1))
    made.build()
    yield made, events_of(podcast_sample)
    made.close()


def events_of(folder: Path) -> list[dict]:
    """The lines that break no rule, with `at`, `week` (its Monday) and `country`."""
    countries = {}
    for line in (folder / "users.csv").read_text().splitlines()[1:]:
        user, _, country = line.split(",")
        countries[user] = country.replace("UK", "GB")
    found = []
    for line in (folder / "event_logs.json").read_text().splitlines():
        event = json.loads(line)
        needs = ["user_id", "episode_id", "timestamp"]
        needs += ["duration"] if event["event_type"] in ("play", "complete") else []
        if any(event[name] in (None, "") or str(event[name]).strip() == "" for name in needs):
            continue
        try:
            event["at"] = datetime.datetime.fromisoformat(event["timestamp"])
        except ValueError:
            continue
        if event["event_type"] in ("play", "complete") and event["duration"] <= 0:
            continue
        date = event["at"].date()
        found.append({**event, "week": date - date.weekday() * WEEK / 7, "country": countries[event["user_id"]]})
    return found


def test_the_lines_that_they_take():
    for definition, lines in LINES.items():
        code = [line for line in definition.strip().splitlines() if not line.startswith("--")]
        assert len(code) == lines


def test_the_funnel(built):
    company, events = built
    entered, done = defaultdict(set), defaultdict(set)
    heard = defaultdict(list)
    for event in events:
        if event["event_type"] == "complete" and event["duration"] >= 1800:
            heard[event["user_id"]].append(event["at"])
    for event in events:
        if event["event_type"] == "play":
            entered[event["week"]].add(event["user_id"])
            if any(event["at"] <= at <= event["at"] + WEEK for at in heard[event["user_id"]]):
                done[event["week"]].add(event["user_id"])
    expected = {(week, step): len(who[week]) for step, who in ((1, entered), (2, done)) for week in entered}
    found = company.query("select period_start, step, people from marts.half_an_hour where breakdown = 'all'")
    assert len(expected) > 20
    assert {(week, step): people for week, step, people in found} == expected


def test_the_retention(built):
    company, events = built
    first, back = {}, defaultdict(set)
    for event in sorted(events, key=lambda event: event["at"]):
        if event["event_type"] == "play":
            first.setdefault(event["user_id"], event)
        elif event["event_type"] == "complete":
            back[event["user_id"]].add(event["week"])
    last = max(event["at"] for event in events).date()
    cohorts = defaultdict(list)
    for user, event in first.items():
        for breakdown in ("all", event["country"]):
            cohorts[breakdown, event["week"]].append(user)
    expected = {}
    for (breakdown, week), users in cohorts.items():
        for number in range(27):
            if number == 0 or week + (number + 1) * WEEK <= last + WEEK / 7:
                came = users if number == 0 else [user for user in users if week + number * WEEK in back[user]]
                expected[breakdown, week, number] = (len(users), len(came))
    found = company.query(
        "select breakdown, cohort_start, period_number, cohort_people, people from marts.podcast_retention"
        " where people is not null"
    )
    assert len(expected) > 100
    assert {tuple(row[:3]): tuple(row[3:]) for row in found} == expected


def test_the_features(built):
    company, events = built
    uses = defaultdict(lambda: defaultdict(int))
    for event in events:
        if event["event_type"] == "seek":
            uses[event["week"], "jumping"][event["user_id"]] += 1
        if event["event_type"] in ("play", "complete") and event["duration"] > 3600:
            uses[event["week"], "long listening"][event["user_id"]] += 1
    expected = {key: (len(people), sum(people.values())) for key, people in uses.items()}
    found = company.query(
        "select period_start, feature, people, uses from marts.podcast_feature_use"
        " where period = 'week' and breadth = 0"
    )
    assert len(expected) > 20
    assert {(week, feature): (people, times) for week, feature, people, times in found} == expected
