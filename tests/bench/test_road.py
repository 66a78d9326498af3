"""The bench's own road does what it measures."""

from datetime import date

import pytest

from bench import floor, history, million, panels, questions, ranges
from bench.road import Road
from ingestion.targets import TARGETS


@pytest.fixture
def few_models(monkeypatch):
    """Of the models, what the audit of the marts looks at: how it is measured does not depend on their number."""
    dbt = Road.dbt

    def of_few(road: Road, verb: str, *arguments: str) -> None:
        dbt(road, verb, *arguments, *(["--select", "+mart_engagement"] if verb == "build" else []))

    monkeypatch.setattr(Road, "dbt", of_few)


def quiet(_: str) -> None:
    pass


def test_the_cost_of_a_day_upon_two_histories(few_models):
    points = history.measure(quiet, histories=(4, 2), days=1, scale=0.2)
    assert [point.history for point in points] == [2, 4]
    assert points[0].events_before < points[1].events_before
    for point in points:
        assert list(point.seconds) == ["load", "audit", "publish", "claim", "dbt", "audit of the marts", "finish"]
        assert point.buffers > 1000
        assert point.slowest


def test_a_large_day_has_a_peak_and_events(few_models):
    large = million.measure(quiet, scale=1, before=1)
    assert large.events > 100
    assert large.peak_mebibytes > 0
    assert large.landed_bytes > 1000


def test_a_day_without_airflow_takes_seconds(few_models):
    assert floor.day_without_airflow(quiet, days=2) > 0


def test_a_range_stands_beside_its_floor(few_models):
    measured = ranges.measure(quiet, days=3, scale=0.2)
    assert list(measured.floor) == ["\\copy", "dbt build --full-refresh"]
    assert measured.raw_bytes > 0 and measured.landed_bytes > 0
    assert measured.events > 0


def test_a_question_has_one_answer_from_summaries_and_events(monkeypatch):
    asked = questions.measure(quiet, days=9, scale=0.2, repeats=1)
    assert [each.name for each in asked] == list(questions.QUESTIONS)
    assert all(each.from_summaries > 0 and each.from_events > 0 and each.events > 1000 for each in asked)
    wrong = ("select 7", questions.QUESTIONS["MAU of a date"][1])
    monkeypatch.setitem(questions.QUESTIONS, "MAU of a date", wrong)
    with pytest.raises(RuntimeError, match="MAU of a date: the summaries say"):
        questions.measure(quiet, days=2, scale=0.2, repeats=1)


def test_every_panel_of_a_dashboard_answers():
    asked = panels.measure(quiet, days=3, scale=0.2, repeats=1, dashboards=("experiments", "operations"))
    names = {answer.name for answer in asked.answers}
    assert {"Engagement: experiments: $experiment", "Engagement: operations: Lines by load day"} <= names
    assert asked.events > 100
    seconds = [answer.seconds for answer in asked.answers]
    assert seconds == sorted(seconds, reverse=True) and seconds[-1] > 0


def test_ranges_copy_every_raw_table():
    changes = {f"{thing}_changes" for thing in ("user", "product", "content", "creator", "rate")}
    assert {"user_events", *changes} == set(TARGETS)


def test_days_without_a_gap_are_landed_together():
    from bench.road import _ranges

    days = [date(2026, 1, 5), date(2026, 1, 1), date(2026, 1, 2)]
    assert list(_ranges(days)) == [(date(2026, 1, 1), date(2026, 1, 2)), (date(2026, 1, 5), date(2026, 1, 5))]
