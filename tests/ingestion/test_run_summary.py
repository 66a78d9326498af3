"""What a run says of itself: its days, the sums of their lines, its build, and who built its days if it did not."""

import datetime

import pytest

from ingestion.run_summary import run_summary
from ingestion.service import claim, finish, record_run_start, release
from tests.ingestion.helpers import DAY, Landing, event

NEXT = DAY + datetime.timedelta(days=1)
NOON = datetime.datetime(2026, 3, 4, 12, tzinfo=datetime.UTC)


def began(landing: Landing, run_id: str, first: datetime.date = DAY, last: datetime.date = DAY) -> None:
    record_run_start(
        landing.connection,
        run_id,
        dag_id="engagement_daily",
        run_type="manual",
        first_load_date=first,
        last_load_date=last,
        started_at=NOON,
    )


def said(landing: Landing, run_id: str) -> list[str]:
    return run_summary(landing.connection, run_id).sentences()


@pytest.fixture
def published(landing: Landing) -> Landing:
    """Two published days: of 5 lines two are loaded, one is a duplicate, two are held back; of 1 line all."""
    landing.events(event(1), event(2), event(2), b"no json", event(3, ts="long ago"))
    landing.load_and_publish()
    landing.events(event(4, ts="2026-03-03T07:12:33.120Z"), day=NEXT)
    landing.load_and_publish(NEXT)
    landing.query("delete from ops.model_run returning 1")
    return landing


def test_a_run_that_builds_its_day_says_how_many_lines_and_rows(published: Landing):
    began(published, "run 1")
    build = claim(published.connection, "run 1", [DAY])
    published.query(
        "insert into ops.model_run (build_id, invocation_id, node_id, resource_type, name, status, seconds,"
        " rows_affected) values (%s, 'x', 'x', 'model', 'fact', 'success', 1, 1200),"
        " (%s, 'x', 'y', 'model', 'mart', 'success', 1, 34), (%s, 'x', 't', 'test', 'unique', 'pass', 1, 0)"
        " returning 1",
        *[build.build_id] * 3,
    )
    finish(published.connection, build)
    assert said(published, "run 1") == [
        "In the marts: 2026-03-02.",
        "5 lines read: 2 loaded, 1 duplicates, 2 held back, 0 skipped.",
        f"Build {build.build_id}: 2 load days, 2 models, 1,234 rows written.",
    ]


def test_a_run_whose_day_another_run_has_built_names_that_run(published: Landing):
    began(published, "run 1")
    began(published, "run 2", NEXT, NEXT)
    build = claim(published.connection, "run 1", [DAY])
    finish(published.connection, build)
    assert said(published, "run 2")[:2] == [
        "In the marts: 2026-03-03.",
        f"Built by run 1 (build {build.build_id}): 2026-03-03.",
    ]


def test_a_build_that_failed_says_what_broke_it(published: Landing):
    began(published, "run 1", DAY, NEXT)
    build = claim(published.connection, "run 1", [DAY])
    published.query(
        "insert into ops.model_run (build_id, invocation_id, node_id, resource_type, name, status, seconds, message)"
        " values (%s, 'x', 't', 'test', 'unique_fact', 'fail', 1, E'Got 3 results\\nmore') returning 1",
        build.build_id,
    )
    published.query(
        "insert into ops.validation_result (build_id, suite, expectation, severity, success, message)"
        " values (%s, 'marts', 'x', 'critical', false, 'dau is above wau'),"
        " (%s, 'marts', 'y', 'critical', true, 'fine') returning 1",
        *[build.build_id] * 2,
    )
    release(published.connection, build)
    assert said(published, "run 1") == [
        "Not in the marts: 2026-03-02, 2026-03-03 (published).",
        "6 lines read: 3 loaded, 1 duplicates, 2 held back, 0 skipped.",
        f"Build {build.build_id} failed: 2 load days, 0 models, 0 rows written.",
        "Failed: unique_fact: Got 3 results",
        "The audit of the marts: dau is above wau",
    ]


def test_warnings_of_the_audit_are_counted(published: Landing):
    began(published, "run 1")
    published.query(
        "insert into ops.validation_result (load_id, load_date, suite, expectation, severity, success, message)"
        " select load_id, load_date, 'user_events', kind.expectation, kind.severity, kind.success, 'm'"
        " from ops.load_day, (values ('a', 'warning', false), ('b', 'warning', true), ('c', 'critical', false))"
        " as kind (expectation, severity, success) returning 1"
    )
    assert said(published, "run 1")[1].endswith("Warnings of the audit: 1.")


def test_a_model_that_was_computed_as_a_whole_is_named(published: Landing):
    began(published, "run 1")
    build = claim(published.connection, "run 1", [DAY])
    published.query(
        "insert into ops.model_definition (model, relation, definition, parts, build_id)"
        " select 'm_' || number, 'r', 'd', '{}', %s from generate_series(1, 7) as number returning 1",
        build.build_id,
    )
    finish(published.connection, build)
    assert said(published, "run 1")[-1] == "Computed anew as a whole: m_1, m_2, m_3, m_4, m_5 and 2 more."
    published.query("delete from ops.model_definition returning 1")


def test_many_days_are_told_as_a_range(landing: Landing):
    last = DAY + datetime.timedelta(days=6)
    for number in range(7):
        day = DAY + datetime.timedelta(days=number)
        landing.events(event(1, ts=f"{day}T07:12:33.120Z"), day=day)
        landing.load_and_publish(day)
    began(landing, "run 1", DAY, last)
    assert said(landing, "run 1")[0] == "Not in the marts: 2026-03-02 to 2026-03-08 (7 days) (published)."


def test_an_unknown_run_has_no_days(landing: Landing):
    assert said(landing, "nobody") == ["No load day belongs to this run."]
