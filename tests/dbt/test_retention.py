"""The macro `retention` against a brute force, many definitions upon one random history; what it refuses."""

import datetime
import random
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest

from tests.dbt.helpers import Company, at, event
from tests.dbt.runner import PROJECT, Dbt, DbtError

DAYS = 40
DEFINITIONS = {
    "recurring": "start='like', back='search'",
    "first_time": "start={'event': 'like', 'where': \"platform = 'ios'\"}, back='search', kind='first_time'",
    "first_ever": "start={'event': 'like', 'where': \"platform = 'ios'\"}, back='search', kind='first_ever'",
    "brackets": "start='like', back='search', brackets=[1, 3, 7]",
    "rolling": "start='like', back='search', rolling=true",
    "by_platform": "start='like', back='like', breakdowns=['platform'], horizon=5",
}
WRONG = {
    "kind='often'": "kind='often' is none of recurring",
    "periods=['year']": "the period 'year' is none of",
    "brackets=[1, 0]": "brackets=",
    "horizon=0": "horizon=0 is no number",
    "start={'where': 'true'}": "names no event",
}


def project_with(folder: Path, models: dict[str, str]) -> Path:
    shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("target", "logs"))
    for name, arguments in models.items():
        text = "-- One row per cell.\n{{ config(contract={'enforced': false}) }}\n{{ retention(" + arguments + ") }}\n"
        (folder / "models" / "reporting" / f"{name}.sql").write_text(text)
    return folder


def monday(date: datetime.date) -> datetime.date:
    return date - datetime.timedelta(days=date.weekday())


def expected(name: str, period: str, lines: list[dict]) -> set[tuple]:
    """Complete cells, by looking at each person's every event: breakdown, cohort, column, size, people, on or after."""
    told = sorted((datetime.datetime.fromisoformat(line["ts"]), line["event_id"], line) for line in lines)
    step = datetime.timedelta(days=1 if period == "day" else 7)
    start_of = (lambda moment: moment.date()) if period == "day" else (lambda moment: monday(moment.date()))
    columns = [(0, 0), (1, 1), (2, 4), (5, 11)] if name == "brackets" else None
    at_most = 5 if name == "by_platform" else 60 if period == "day" else 26
    columns = columns or [(number, number) for number in range(at_most + 1)]
    after_last = told[-1][0].date() + datetime.timedelta(days=1)
    cohorts = defaultdict(list)
    for person in {line["user_id"] for line in lines}:
        own = [(when, line) for when, _, line in told if line["user_id"] == person]
        posts = [(when, line) for when, line in own if line["event"] == "like"]
        starts = posts
        if name == "first_time":
            starts = [(when, line) for when, line in posts if line["platform"] == "ios"][:1]
        elif name == "first_ever":
            starts = [(when, line) for when, line in posts[:1] if line["platform"] == "ios"]
        elif name == "rolling":
            starts = posts[:1]
        backs = [when for when, line in own if line["event"] == ("like" if name == "by_platform" else "search")]
        entered = {}
        for when, line in starts:
            entered.setdefault(start_of(when), (when, line))
        for cohort, (when, line) in entered.items():
            if name == "rolling":
                numbers = {(back - when) // step for back in backs if back > when}
            else:
                numbers = {(start_of(back) - cohort) // step for back in backs}
            for breakdown in ["all"] + ([line["platform"]] if name == "by_platform" else []):
                cohorts[breakdown, cohort].append({number for number in numbers if number > 0})
    cells = set()
    for (breakdown, cohort), people in cohorts.items():
        for column, (first, last) in enumerate(columns):
            end = cohort + (last + 1 + (name == "rolling")) * step
            if column and end > after_last:
                continue
            until = columns[-1][1] if name == "brackets" else 10**6
            on = sum(any(first <= number <= last for number in numbers) for numbers in people)
            after = sum(any(first <= number <= until for number in numbers) for numbers in people)
            size = len(people)
            cells.add((breakdown, cohort, column, size, on if column else size, after if column else size))
    return cells


def test_definitions_are_what_a_look_at_every_event_finds(company: Company, tmp_path: Path):
    dice = random.Random(46)
    lines = [
        event(
            f"e{number}",
            at(dice.randrange(1, DAYS + 1), f"{dice.randrange(24):02}:{dice.randrange(60):02}"),
            f"u_{dice.randrange(25)}",
            dice.choice(["like", "search", "search", "page_view"]),
            platform=dice.choice(["ios", "web"]),
        )
        for number in range(400)
    ]
    lines.append(event("last", at(DAYS, "23:59"), "u_1", "search", platform="ios"))
    company.land(DAYS + 1, lines[::2])
    company.land(DAYS + 2, lines[1::2])
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project_with(tmp_path / "project", DEFINITIONS))
    company.load(DAYS + 1, DAYS + 2)
    company.claim()
    company.dbt.run("--select", *(f"+{name}" for name in DEFINITIONS))
    for name in DEFINITIONS:
        for period in ("day", "week"):
            found = set(
                company.query(
                    "select breakdown, cohort_start, period_number, cohort_people, people, people_on_or_after"
                    f" from reporting.{name} where period = '{period}' and people is not null"
                )
            )
            assert found == expected(name, period, lines), (name, period)


@pytest.mark.parametrize(("arguments", "message"), WRONG.items())
def test_a_definition_that_means_nothing_is_refused_by_name(company: Company, tmp_path: Path, arguments, message):
    project = project_with(tmp_path / "project", {"wrong": arguments})
    with pytest.raises(DbtError, match=rf"wrong: (.|\n)*{re.escape(message)}(.|\n)*Remedy: "):
        Dbt(company.warehouse, tmp_path / "out", project=project).run("--select", "wrong")
