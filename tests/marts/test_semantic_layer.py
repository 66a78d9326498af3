"""The semantic layer: what MetricFlow answers for dbt's metrics, against what was landed."""

import csv
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.dbt.runner import PROJECT
from tests.marts.conftest import SETTINGS
from tests.marts.outside.daily import LEARNING_EVENTS


@pytest.fixture(scope="module")
def ask(world, tmp_path_factory: pytest.TempPathFactory):
    """Asks `mf query`, as a person would in the project's folder, and gives the rows."""
    project = tmp_path_factory.mktemp("semantic") / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    environment = {
        **os.environ,
        **world.warehouse.environment(),
        **SETTINGS,
        "DBT_PROFILES_DIR": str(project),
        "DO_NOT_TRACK": "1",
    }

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    run(sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "parse")

    def asked(metrics: str, by: str) -> list[list[str]]:
        answer = project / "answer.csv"
        mf = str(Path(sys.executable).parent / "mf")
        run(mf, "query", "--metrics", metrics, "--group-by", by, "--order", by, "--csv", str(answer), "--decimals", "6")
        return list(csv.reader(answer.open()))[1:]

    return asked


def test_people_of_a_month_are_counted_once(ask, world):
    active, learners = defaultdict(set), defaultdict(set)
    for event in world.landed.activity.itertuples():
        month = event.date.replace(day=1)
        active[month].add(event.person)
        if event.event_type in LEARNING_EVENTS:
            learners[month].add(event.person)
    rows = [
        (month[:10], int(people), int(some))
        for month, people, some in ask("active_people,learners", "metric_time__month")
    ]
    assert rows == [(str(month), len(active[month]), len(learners[month])) for month in sorted(active)]


def test_completions_by_day(ask, world):
    completed = world.landed.people
    counted = Counter(completed[completed.event_type == "content_complete"].date)
    rows = {day[:10]: int(float(number)) for day, number in ask("content_completions", "metric_time__day")}
    assert rows == {str(date): counted[date] for date in world.landed.dates if str(date) in rows}
    assert sum(rows.values()) == sum(counted.values())
