"""Each expectation of the audit after a build sees the wrong marts that it is there for, and nothing else does."""

from collections.abc import Callable, Iterator
from datetime import date

import psycopg2.extras
import pytest

from ingestion.warehouse import Warehouse
from validation.service import audit_marts

DAY, NEXT = date(2026, 10, 24), date(2026, 10, 25)

# Two days, one person on each, two events on the first. Of the real tables, the columns that the audit reads.
SOUND = """
    create schema if not exists core;
    drop table if exists core.fact_user_events, summaries.fact_user_daily, marts.mart_engagement;
    create table core.fact_user_events (
        source text, event_id text, person_id text, user_id text, user_key bigint, event_date date, load_date date
    );
    insert into core.fact_user_events values
        ('app', 'e_1', 'u_1', 'u_1', 1, '2026-10-24', '2026-10-24'),
        ('app', 'e_2', 'u_1', 'u_1', 1, '2026-10-24', '2026-10-24'),
        ('app', 'e_3', 'u_2', 'u_2', 2, '2026-10-25', '2026-10-25');
    create table summaries.fact_user_daily (person_id text, event_date date);
    insert into summaries.fact_user_daily values ('u_1', '2026-10-24'), ('u_2', '2026-10-25');
    create table marts.mart_engagement (
        activity_date date,
        dau bigint,
        wau bigint,
        mau bigint,
        stickiness numeric,
        daily_active_learners bigint,
        content_completions bigint,
        sessions bigint,
        dach_active_users_30d bigint
    );
    insert into marts.mart_engagement values
        ('2026-10-24', 1, 1, 1, 1, 1, 1, 1, 1),
        ('2026-10-25', 1, 2, 2, 0.5, 0, 0, 1, 1);
"""
RAW_COLUMNS = "load_date, file_no, line_no, source, event_id, actor_id, event_type, event_ts"
COUNTS = ("dau", "wau", "mau", "daily_active_learners", "content_completions", "sessions", "dach_active_users_30d")

NOT_NULL, BETWEEN = "expect_column_values_to_not_be_null", "expect_column_values_to_be_between"
PAIR = "expect_column_pair_values_a_to_be_greater_than_b"
MART, FACTS = "update marts.mart_engagement set", "core.fact_user_events"

# SQL that breaks one rule, and the rules that say so
WRONG = {
    "a day without its date": ("insert into marts.mart_engagement select null, 0, 0, 0, 0, 0, 0, 0, 0", {NOT_NULL}),
    "a day twice": (
        "insert into marts.mart_engagement select * from marts.mart_engagement limit 1",
        {"expect_column_values_to_be_unique"},
    ),
    "a gap": (
        "insert into marts.mart_engagement values ('2026-10-20', 0, 0, 0, null, 0, 0, 0, 0)",
        {"missing_days"},
    ),
    "marts that end too early": (
        "delete from marts.mart_engagement where activity_date = '2026-10-25'",
        {"late_marts"},
    ),
    "no marts at all": ("truncate marts.mart_engagement", {"late_marts"}),
    **{f"no {count}": (f"{MART} {count} = null", {NOT_NULL}) for count in COUNTS},
    **{f"negative {count}": (f"{MART} {count} = -1", {BETWEEN}) for count in ("content_completions", "sessions")},
    "less than nobody": (
        f"{MART} dau = -1, wau = -1, mau = -1, daily_active_learners = -1, dach_active_users_30d = -1",
        {BETWEEN},
    ),
    "more in a day than in a week": (f"{MART} wau = 0", {PAIR}),
    "more in a week than in a month": (f"{MART} wau = 9", {PAIR}),
    "more learners than people": (f"{MART} daily_active_learners = 2", {PAIR}),
    "more in a region than everywhere": (f"{MART} dach_active_users_30d = 3", {PAIR}),
    "stickiness over 1": (f"{MART} stickiness = 1.5", {BETWEEN}),
    "more users than people": (f"{MART} dau = 2, wau = 2, mau = 2", {"too_many_users"}),
    "an event that is no fact": (f"delete from {FACTS} where event_id = 'e_2'", {"lost_events"}),
    "a fact that was not loaded": (
        f"insert into {FACTS} values ('app', 'e_9', 'u_1', 'u_1', 1, '2026-10-24', '2026-10-24')",
        {"ghost_facts"},
    ),
    "an event that came before is a fact of that day": (
        f"update {FACTS} set load_date = '2026-09-01' where event_id = 'e_2'",
        set(),
    ),
    "a fact of another source": (
        f"update {FACTS} set source = 'podcast' where event_id = 'e_2'",
        {"ghost_facts", "lost_events"},
    ),  # fmt: skip
    "a fact twice": (f"insert into {FACTS} select * from {FACTS} where event_id = 'e_2'", {"repeated_facts"}),
    "facts of unknown users": (f"update {FACTS} set user_key = -1", {"facts_of_unknown_users"}),
}
WARNINGS = {"facts_of_unknown_users"}


@pytest.fixture
def transformer(warehouse: Warehouse) -> Iterator[psycopg2.extensions.cursor]:
    """A cursor of the role that owns the marts, with sound marts there."""
    connection = warehouse.connect("transformer")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(SOUND)
        yield cursor
        cursor.execute("drop table core.fact_user_events, summaries.fact_user_daily, marts.mart_engagement")
    connection.close()


@pytest.fixture
def build(loader, transformer, published: Callable) -> int:
    """A running build of two days, and what was loaded on them; gives its id."""
    with loader.cursor() as cursor:
        for day in (DAY, NEXT):
            published(day, 1)
            cursor.execute(
                f"create table raw.user_events_{day:%Y%m%d} partition of raw.user_events for values in ('{day}')"
            )
        cursor.execute(
            f"insert into raw.user_events ({RAW_COLUMNS})"
            " select load_date, 1, 1, source, event_id, person_id, 'login', event_date from core.fact_user_events"
        )
        cursor.execute(
            "insert into ops.build (holder, status, load_dates) values ('test', 'running', %s) returning build_id",
            [[DAY, NEXT]],
        )
        (build_id,) = cursor.fetchone()
        cursor.execute("update ops.load_day set claimed_by = %s, claimed_version = version", [build_id])
        yield build_id
        cursor.execute("update ops.load_day set claimed_by = null")
        cursor.execute("delete from ops.validation_result")
        cursor.execute("delete from ops.validation_document")
        cursor.execute("delete from ops.build")
        for day in (DAY, NEXT):
            cursor.execute(f"drop table raw.user_events_{day:%Y%m%d}")


def test_sound_marts_pass_and_every_result_is_recorded(warehouse, build, loader):
    report = audit_marts(warehouse, build)
    assert report.success, str(report)
    assert report.warnings == []
    with loader.cursor() as cursor:
        cursor.execute("select count(*), bool_and(success) from ops.validation_result where build_id = %s", [build])
        assert cursor.fetchone() == (len(report.findings), True)


@pytest.mark.parametrize("case", WRONG)
def test_wrong_marts_are_seen(case, warehouse, build, transformer):
    statement, said = WRONG[case]
    transformer.execute(statement)
    report = audit_marts(warehouse, build)
    assert {found.expectation for found in report.findings if not found.success} == said
    assert report.success == (said <= WARNINGS)


def test_every_expectation_has_a_test_that_breaks_it(warehouse, build):
    assert {found.expectation for found in audit_marts(warehouse, build).findings} == set().union(
        *(said for _, said in WRONG.values())
    )


def test_a_day_published_again_meanwhile_is_left_to_the_next_build(warehouse, build, loader):
    with loader.cursor() as cursor:
        cursor.execute(
            f"insert into raw.user_events ({RAW_COLUMNS}) values (%s, 1, 9, 'app', 'e_9', 'u_9', 'login', %s)",
            [DAY, DAY],
        )
        assert not audit_marts(warehouse, build).success
        cursor.execute("update ops.load_day set version = version + 1 where load_date = %s", [DAY])
    assert audit_marts(warehouse, build).success


def test_an_unknown_build_is_an_error(warehouse):
    with pytest.raises(LookupError, match="there is no build 404"):
        audit_marts(warehouse, 404)


def test_marts_that_were_never_built_are_wrong(warehouse, build, transformer):
    transformer.execute("alter table marts.mart_engagement rename to elsewhere")
    try:
        report = audit_marts(warehouse, build)
        assert not report.success
        assert 'could not be checked, (psycopg2.errors.UndefinedTable) relation "marts.mart_engagement"' in str(report)
    finally:
        transformer.execute("alter table marts.elsewhere rename to mart_engagement")
