"""Days that are audited together get the verdicts that each gets alone."""

from dataclasses import replace
from datetime import date, timedelta
from functools import reduce

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from ingestion.service import Lines
from ingestion.vocabulary import EVENT_TYPES
from tests.validation.conftest import LOAD_DATE
from tests.validation.test_raw_expectations import BAD_VALUES, KEYS, OTHERWISE_TESTED
from validation.days import Days
from validation.engine import by_day, judge
from validation.service import RAW_SUITES, _rows, audit_day, audit_days, build_data_docs


def together(some: list[Days]) -> Days:
    """Several staged loads as one."""
    return reduce(lambda one, more: Days((*one.loads, *more.loads), one.earliest, one.event_types), some)


@pytest.fixture
def messy_days(stage, good_rows, published, file_load, loader):
    """`messy_days(suite)`: good days, and a bad one for each of the suite's expectations."""

    def make(suite: str) -> Days:
        first, *others = good_rows[suite]
        changes = {case[:3]: case[4] for case in BAD_VALUES if case[0] == suite}
        spoilt = [[{**first, **change}, *others] for change in changes.values()]
        # References are judged on the earliest of the days only.
        strangers = {
            "user_events": {"user_id": "u_404", "actor_id": "u_404", "content_id": "c_404", "product_id": "p_404"},
            "product_changes": {"creator_id": "cr_404"},
            "content_changes": {"creator_id": "cr_404"},
        }
        contents = [[{**first, **strangers.get(suite, {})}, *others], *spoilt, good_rows[suite], good_rows[suite]]
        if suite == "user_events":
            contents.append([{**first, "actor_id": None, "user_id": None, "anonymous_id": None}, *others])
            contents.append([])
        else:
            contents.append([first, {**first, "line_no": 9}])
        contents += [good_rows[suite]] * 3
        days = together([stage(day=LOAD_DATE + timedelta(days=n), **{suite: rows}) for n, rows in enumerate(contents)])
        if suite == "user_events":
            with loader.cursor() as cursor:
                cursor.execute("delete from raw.creator_changes__staged where load_date = %s", [days.dates[1]])
            mostly_held_back, held_back, jumping = days.loads[-3:]
            file_load(mostly_held_back.load_id, mostly_held_back.load_date, loaded=40, quarantined=60)
            file_load(held_back.load_id, held_back.load_date, loaded=80, quarantined=20)
            for age in range(1, 5):  # these days were published before, and much larger
                published(jumping.load_date - timedelta(days=age), 200)
            with loader.cursor() as cursor:
                cursor.execute(
                    "update ops.file_load set kind = 'events' where load_id = any(%s) and target = 'user_events'",
                    [[mostly_held_back.load_id, held_back.load_id]],
                )
                cursor.execute(
                    "insert into ops.field_day values (%s, %s, 'app', 'events', 'mood', false, 20, 20, 'text')",
                    [held_back.load_id, held_back.load_date],
                )
            days = replace(days, lines={("app", "events"): Lines(at_least=0, at_most=99)})
        return days

    return make


@pytest.mark.parametrize("suite", RAW_SUITES)
def test_each_day_gets_the_findings_that_it_gets_alone(suite, messy_days, warehouse, loader):
    days = messy_days(suite)
    rows = _rows(loader, days, suite)
    rules = RAW_SUITES[suite].expectations
    with judge(warehouse) as judged:
        _, found = by_day(judged, suite, days, rows, rules)
        alone = {day: by_day(judged, suite, days.only(frozenset({day})), rows, rules)[1][day] for day in days.dates}
    for day in days.dates:
        assert set(found[day]) == set(alone[day])
    broken = {(suite, each.expectation, each.column_name) for day in found.values() for each in day if not each.success}
    assert broken == {case[:3] for case in [*BAD_VALUES, *OTHERWISE_TESTED] if case[0] == suite}
    assert all(each.success for each in found[days.dates[-6 if suite == "user_events" else -1]])


def test_days_are_recorded_and_reported_one_by_one(warehouse, stage, loader, good_rows):
    first, *others = good_rows["user_events"]
    spoilt = LOAD_DATE + timedelta(days=2)
    for number in range(5):
        day = LOAD_DATE + timedelta(days=number)
        stage(day=day, user_events=[{**first, "event_type": "teleport"} if day == spoilt else first, *others])
    nothing = LOAD_DATE + timedelta(days=5)
    reports = list(audit_days(warehouse, [LOAD_DATE + timedelta(days=number) for number in range(6)]))
    assert [report.success for report in reports] == [True, True, False, True, True, True]
    assert str(reports[2]).splitlines()[1:] == [
        f"  critical: user_events: event_type is one of the {len(EVENT_TYPES)} canonical ones:"
        " not so for 1 of 20 rows (5.0%), such as teleport."
    ]
    assert str(reports[5]) == f"load day {nothing}: nothing is staged: 0 checks, 0 critical failures, 0 warnings"
    with loader.cursor() as cursor:
        cursor.execute(
            "select load_date, count(*), count(*) filter (where not success), count(distinct load_id)"
            " from ops.validation_result group by load_date order by load_date"
        )
        recorded = cursor.fetchall()
    checks = len(reports[0].findings)
    assert recorded == [(LOAD_DATE + timedelta(days=number), checks, 1 if number == 2 else 0, 1) for number in range(5)]


def test_reports_name_their_day_whatever_the_order(warehouse, stage, good_rows):
    first, *others = good_rows["user_events"]
    days = [LOAD_DATE + timedelta(days=number) for number in range(3)]
    for day in days:
        stage(day=day, user_events=[{**first, "event_type": "teleport"} if day == days[1] else first, *others])
    reports = list(audit_days(warehouse, [days[2], days[1], days[0]]))
    assert [(report.load_date, report.success) for report in reports] == list(
        zip(days, [True, False, True], strict=True)
    )


def test_data_docs_have_one_page_for_days_that_were_judged_together(warehouse, stage, loader, tmp_path, good_rows):
    no_changes = {suite: [] for suite in KEYS}
    last = LOAD_DATE + timedelta(days=1)
    for day in (LOAD_DATE, last):
        stage(day=day, **no_changes)
    list(audit_days(warehouse, [LOAD_DATE, last]))
    docs = build_data_docs(warehouse, tmp_path / "docs").parent
    assert f"load days {LOAD_DATE} to {last}" in (docs / "audits.html").read_text()
    (page,) = docs.glob("load-days-*.html")
    assert "union all" not in page.read_text()
    for day in (LOAD_DATE, last):
        assert page.name in (docs / f"day-{day}.html").read_text()
    for _ in range(2):  # the second takes the place of the first
        audit_day(warehouse, LOAD_DATE)
    with loader.cursor() as cursor:
        cursor.execute("select load_dates from ops.validation_document order by checked_at")
        assert cursor.fetchall() == [([LOAD_DATE, last],), ([LOAD_DATE],)], "that of both days is the other's, too"


def test_a_day_between_those_that_were_judged_together_has_no_part_in_it(warehouse, stage, tmp_path):
    days = [LOAD_DATE + timedelta(days=number) for number in range(3)]
    for day in days:
        stage(day=day, **{suite: [] for suite in KEYS})
    list(audit_days(warehouse, [days[0], days[2]]))
    audit_day(warehouse, days[1])
    docs = build_data_docs(warehouse, tmp_path / "docs").parent
    assert f"2 load days from {days[0]} to {days[2]}" in (docs / "audits.html").read_text()
    (together,) = docs.glob("2-load-days-*.html")
    linked = [together.name in (docs / f"day-{day}.html").read_text() for day in days]
    assert linked == [True, False, True]


@pytest.mark.parametrize("worth_a_process", [30, 2])
def test_many_days_are_judged_in_parts(warehouse, stage, monkeypatch, good_rows, worth_a_process):
    monkeypatch.setattr("validation.service.DAYS_AT_ONCE", 2)
    monkeypatch.setattr("validation.service.WORTH_A_PROCESS", worth_a_process)
    first, *others = good_rows["user_events"]
    dates: list[date] = [LOAD_DATE + timedelta(days=number) for number in range(5)]
    for day in dates:
        stage(day=day, user_events=[{**first, "event_type": "teleport"} if day == dates[3] else first, *others])
    reports = list(audit_days(warehouse, dates))
    assert [report.subject for report in reports] == [f"load day {day}" for day in dates]
    assert [report.success for report in reports] == [True, True, True, False, True]


def test_the_audit_gets_no_more_rows_than_it_shows(warehouse, stage, good_rows):
    """A day may have millions; Great Expectations would get them all to see the names of the columns."""
    first = good_rows["user_events"][0]
    stage(user_events=[{**first, "line_no": number, "event_id": f"e_{number}"} for number in range(100)])
    most = 0

    def count(connection, cursor, *_: object) -> None:
        nonlocal most
        most = max(most, cursor.rowcount)

    event.listen(Engine, "after_cursor_execute", count)
    try:
        assert audit_day(warehouse, LOAD_DATE).success
    finally:
        event.remove(Engine, "after_cursor_execute", count)
    assert 0 < most < 30
