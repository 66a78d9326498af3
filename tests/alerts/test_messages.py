"""What makes two failures one cause, and what a message says."""

import ast
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from alerts.messages import cause_of, failure, overdue
from alerts.remedies import MEANS, NOT_PUBLISHED, remedy

ROOT = Path(__file__).resolve().parents[2]
NIGHT = datetime(2026, 1, 4, 0, 0, 12, tzinfo=UTC)
DOC = "- **`load`**. *Failed*: the log names\n  file and remedy.\n- **`publish`** swaps. *Failed*: clear it.\n\nEnd."


def alert(error: object = "no file", task_id: str = "load", days: tuple[date, ...] = (date(2026, 1, 3),)):
    return failure(
        dag_id="engagement_daily",
        task_id=task_id,
        run_id="scheduled__1",
        load_dates=days,
        error=error,
        since=NIGHT,
        address="http://airflow/run",
        doc_md=DOC,
    )


def test_a_message_says_what_since_when_what_it_means_what_to_do_and_where_to_look():
    made = alert("2026-01-03: app owes this day, and did not land it.\nRemedy: let it land.")
    assert made.title == "load failed: load day 2026-01-03"
    assert made.body.splitlines()[:6] == [
        "What: load of engagement_daily failed: 2026-01-03: app owes this day, and did not land it.",
        "Remedy: let it land.",
        "Since: 2026-01-04 00:00:12 UTC",
        f"It means: load day 2026-01-03: {NOT_PUBLISHED}",
        "What to do: the log names file and remedy.",
        "Where to look: http://airflow/run (run scheduled__1)",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2026-01-03: app owes this day", "2026-12-31: app owes this day"),
        (
            "/landing/app/2026-01-03/events.ndjson: 17 of 900 lines",
            "/landing/app/2026-01-04/events.ndjson: 1,017 of 9 lines",
        ),
        ("not so for 1 of 20 rows (5.0%)", "not so for 13 of 40 rows (32%)"),
        ("build 7 was released", "build 123 was released"),
        ("key 0f8a77c1-aaaa-4bbb-8ccc-0123456789ab", "key 1b8a77c1-aaaa-4bbb-8ccc-0123456789ab"),
        (
            "2026-01-03: a file is missing.\nRemedy: land it.",
            "2 of 9 days cannot be loaded; the others are loaded.\n2026-01-03: a file is missing.\nRemedy: land it.\n"
            "2026-01-04: a file is missing.\nRemedy: land it.\n… and 3 more.",
        ),
        ("rejected\n  critical: x", "rejected\n  critical: x\n  warning: user_events: a jump"),
    ],
)
def test_what_differs_from_day_to_day_is_no_other_cause(one, other):
    assert cause_of(one) == cause_of(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("app owes this day", "shop owes this day"),
        ("critical: user_events: event_id is unique", "critical: user_events: event_ts is set"),
        ("", "no file"),
    ],
)
def test_another_reason_is_another_cause(one, other):
    assert cause_of(one) != cause_of(other)


def test_a_model_that_fails_for_the_reason_of_another_is_the_same_cause():
    assert alert("disk full", "models.a_model_build").cause == alert("disk full", "models.b_model_build").cause
    assert alert("disk full", "load").cause != alert("disk full", "publish").cause


def test_a_range_of_days_and_a_killed_task():
    days = tuple(date(2026, 1, 1) + timedelta(days=number) for number in range(7))
    made = alert(None, days=days)
    assert made.title == "load failed: load days 2026-01-01 to 2026-01-07 (7)"
    assert "the task ended without a word: it was killed" in made.body
    assert alert(days=()).title == "load failed"


def test_a_long_error_is_cut_and_said_to_be():
    assert "… (the log has all of it)" in alert("x" * 5000).body
    assert len(alert("x" * 5000).body) < 2500


def test_the_remedy_is_that_of_the_dags_documentation():
    assert remedy(DOC, "publish") == "clear it."
    assert remedy(DOC, "nothing") == remedy(None, "nothing") == "Clear nothing in Airflow when the cause is mended."


def test_every_task_of_a_day_has_a_meaning():
    document = ast.get_docstring(ast.parse((ROOT / "dags" / "engagement_daily.py").read_text()))
    documented = {line.split("`")[1] for line in document.splitlines() if line.startswith("- **`")}
    assert documented == set(MEANS)


@pytest.mark.parametrize("dag", ["engagement_daily", "maintenance", "timelapse", "watch"])
def test_a_remedy_can_be_read_without_another(dag):
    document = ast.get_docstring(ast.parse((ROOT / "dags" / f"{dag}.py").read_text()))
    tasks = [line.split("`")[1] for line in document.splitlines() if line.startswith("- **`")]
    assert tasks
    remedies = {task: remedy(document, task) for task in tasks}
    assert [task for task, text in remedies.items() if len(text.split()) < 8 and "database" not in text] == []
    assert len(remedy("- **`x`** does. *Failed*: as `y`.", "x").split()) < 8


def test_overdue_days_are_told_with_the_command_that_brings_them():
    made = overdue([date(2026, 1, 3), date(2026, 1, 4)], time(6))
    assert made.title == "Not in the marts by its hour: load days 2026-01-03 to 2026-01-04 (2)"
    assert "Since: 2026-01-04 06:00 UTC" in made.body
    assert "make backfill START=2026-01-03 END=2026-01-04" in made.body
