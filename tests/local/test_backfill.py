"""`make backfill` and `make rebuild`: what is refused before anything starts, and which run is followed."""

from datetime import UTC, date, datetime

import pytest
from rich.console import Console

from local import runs as local_runs
from local.backfill import backfill, range_of
from local.errors import LocalError
from local.runs import Runs
from local.settings import Settings

TODAY = date(2026, 3, 10)


class Airflow:
    """An API server with some runs; remembers what it was sent."""

    def __init__(self, *runs: dict, states: tuple[str, ...] = ("success",)) -> None:
        self.runs, self.states, self.sent = list(runs), iter(states), []

    def get(self, path: str, **_) -> dict:
        if path.endswith("/dagRuns"):
            return {"dag_runs": self.runs}
        if path.endswith("/taskInstances"):
            return {"task_instances": []}
        return {"state": next(self.states)} if "/dagRuns/" in path else {}

    def post(self, path: str, body: dict) -> dict:
        self.sent.append((path, body))
        return {"dag_run_id": f"manual__{datetime(2026, 3, 10, tzinfo=UTC):%Y-%m-%d}"}

    def patch(self, path: str, body: dict) -> dict:
        self.sent.append((path, body))
        return {}


def test_a_range_is_all_its_days():
    assert range_of("2026-02-27", "2026-03-01", today=TODAY) == [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (None, "2026-03-01", "START or END is missing.\nRemedy: make backfill START="),
        ("2026-03-02", "2026-03-01", "start 2026-03-02 is after end 2026-03-01.\nRemedy: "),
        ("2026-02-30", "2026-03-01", "start is '2026-02-30'.\nRemedy: write a date"),
        ("2026-03-01", "2026-03-11", "end 2026-03-11 is in the future.\nRemedy: "),
        ("2026-03-01", "2026-03-10", "end 2026-03-10 is not over yet.\nRemedy: "),
        ("2010-01-01", "2026-03-01", "2010-01-01 to 2026-03-01 is more than 3660 days.\nRemedy: "),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(start, end, said):
    with pytest.raises(LocalError) as error:
        range_of(start, end, today=TODAY)
    assert str(error.value).startswith(said)


@pytest.mark.parametrize(
    ("generate", "landed", "early"),
    [
        ("true", "2026-03-02", "1 of the days, 2026-03-01 to 2026-03-01"),
        ("true", None, "2 of the days, 2026-03-01 to 2026-03-02"),
        ("false", "2026-03-03", "2 of the days, 2026-03-01 to 2026-03-02"),
        ("false", None, "4 of the days, 2026-03-01 to 2026-03-04"),
    ],
)
def test_days_before_anything_landed_are_refused_before_anything_starts(tmp_path, generate, landed, early):
    """The company, where there is one, begins on 3 March; whether a later day must have landed, the load knows."""
    given = {"GENERATE": generate, "GENERATOR_START": "2026-03-03", "LANDING_URI": str(tmp_path / "landing")}
    if landed:
        (tmp_path / "landing" / "podcast" / landed).mkdir(parents=True)
    settings = Settings.load(tmp_path, given)
    with pytest.raises(LocalError) as error:
        backfill(settings, Console(), range_of("2026-03-01", "2026-03-04", today=TODAY))
    assert str(error.value).startswith(f"nothing has landed for {early}, nor before")
    assert ("company" in str(error.value)) == (generate == "true")


def test_a_run_for_the_same_days_is_followed_and_not_started_again():
    wanted = {"start": "2026-03-01", "end": "2026-03-02"}
    others = [{"dag_run_id": "one", "conf": None}, {"dag_run_id": "two", "conf": {"start": "2026-03-01"}}]
    airflow = Airflow(*others, {"dag_run_id": "three", "conf": {**wanted, "rebuild": False}})
    assert Runs(airflow, None).trigger(wanted) == ("three", False)
    assert airflow.sent == []
    airflow = Airflow(*others)
    assert Runs(airflow, None).trigger(wanted) == ("manual__2026-03-10", True)
    assert [body for _, body in airflow.sent] == [{"logical_date": None, "conf": wanted}, {"is_paused": False}]


@pytest.mark.parametrize(("state", "succeeded"), [("success", True), ("failed", False)])
def test_a_run_is_followed_to_its_end(monkeypatch, state, succeeded):
    monkeypatch.setattr(local_runs.time, "sleep", lambda _: None)
    shown = []
    airflow = Airflow(states=("queued", "running", state))
    assert Runs(airflow, None).follow_run("one", lambda: shown.append(1)) == (succeeded, [])
    assert len(shown) == 3
