"""Each expectation of a raw suite sees the bad data it is there for, and nothing else does."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ingestion.warehouse import Warehouse
from validation.days import Days
from validation.engine import Finding, suite_result
from validation.engine import judge as open_judge
from validation.service import RAW_SUITES

FUTURE = datetime(2026, 10, 26, tzinfo=UTC)  # the end of the day after the load
ANCIENT = datetime(2009, 12, 31, 23, 59, 59, tzinfo=UTC)

KEYS = {
    "user_changes": "user_id",
    "product_changes": "product_id",
    "content_changes": "content_id",
    "creator_changes": "creator_id",
    "rate_changes": "currency, quote_currency",
}

# suite, expectation, column, severity, and what to change in the first good row so that it alone fails
BAD_VALUES = [
    *(
        ("user_events", "missing_values", None, "critical", {column: None})
        for column in ("source", "event_id", "event_name", "event_type", "is_activity", "event_ts")
    ),
    ("user_events", "other_load_dates", "load_date", "critical", {"load_date": "2026-10-23"}),
    ("user_events", "expect_column_values_to_be_in_set", "event_type", "critical", {"event_type": "teleport"}),
    ("user_events", "impossible_times", "event_ts", "critical", {"event_ts": FUTURE}),
    ("user_events", "impossible_times", "event_ts", "critical", {"event_ts": ANCIENT}),
    ("user_events", "duplicate_events", None, "critical", {"event_id": "e_2"}),
    ("user_events", "wrong_actors", None, "critical", {"actor_id": "u_2"}),
    ("user_events", "wrong_actors", None, "critical", {"user_id": None}),
    ("user_events", "expect_column_values_to_be_between", "duration_seconds", "warning", {"duration_seconds": -1}),
    ("user_events", "expect_column_values_to_be_between", "duration_seconds", "warning", {"duration_seconds": 86401}),
    ("user_events", "expect_column_values_to_be_between", "amount", "warning", {"amount": -0.01}),
    ("user_events", "expect_column_values_to_be_in_set", "platform", "warning", {"platform": "fridge"}),
    ("user_events", "expect_column_values_to_match_regex", "currency", "warning", {"currency": "euro"}),
    ("user_events", "amounts_without_currency", None, "warning", {"currency": None, "event_type": "login"}),
    ("user_events", "amounts_without_currency", None, "warning", {"amount": None, "event_type": "login"}),
    ("user_events", "incomplete_events", None, "warning", {"event_type": "content_start", "content_id": None}),
    ("user_events", "incomplete_events", None, "warning", {"event_type": "cart_add", "product_id": None}),
    ("user_events", "incomplete_events", None, "warning", {"event_type": "refund", "amount": None, "currency": None}),
    ("user_events", "expect_column_values_to_be_between", "quantity", "warning", {"quantity": 0}),
    ("user_events", "expect_column_values_to_be_in_set", "device_type", "warning", {"device_type": "fridge"}),
    ("user_events", "expect_column_values_to_match_regex", "country", "warning", {"country": "Germany"}),
    ("user_events", "expect_column_values_to_match_regex", "language", "warning", {"language": "DE"}),
    ("user_events", "unknown_references", "user_id", "warning", {"user_id": "u_404", "actor_id": "u_404"}),
    ("user_events", "unknown_references", "content_id", "warning", {"content_id": "c_404"}),
    ("user_events", "unknown_references", "product_id", "warning", {"product_id": "p_404"}),
    *(
        case
        for suite, key in KEYS.items()
        for case in (
            *(
                (suite, "unsound_changes", key, "critical", change)
                for change in (
                    *({column: None} for column in ("source", *key.split(", "), "changed_at", "op")),
                    {"op": "truncate"},
                )
            ),
            (suite, "impossible_times", "changed_at", "critical", {"changed_at": FUTURE}),
            (suite, "impossible_times", "changed_at", "critical", {"changed_at": ANCIENT}),
        )
    ),
    ("user_changes", "expect_column_values_to_match_regex", "country", "warning", {"country": "Germany"}),
    ("user_changes", "expect_column_values_to_match_regex", "language", "warning", {"language": "DE"}),
    ("user_changes", "sign_ups_after_change", None, "warning", {"signup_at": FUTURE}),
    ("product_changes", "expect_column_values_to_be_between", "price", "warning", {"price": -1}),
    ("product_changes", "expect_column_values_to_match_regex", "currency", "warning", {"currency": "eur"}),
    ("product_changes", "unknown_references", "creator_id", "warning", {"creator_id": "cr_404"}),
    ("content_changes", "expect_column_values_to_be_in_set", "content_type", "warning", {"content_type": "film"}),
    ("content_changes", "expect_column_values_to_match_regex", "language", "warning", {"language": "english"}),
    ("content_changes", "expect_column_values_to_be_between", "duration_seconds", "warning", {"duration_seconds": 0}),
    ("content_changes", "expect_column_values_to_be_between", "word_count", "warning", {"word_count": 0}),
    ("content_changes", "unknown_references", "creator_id", "warning", {"creator_id": "cr_404"}),
    ("creator_changes", "expect_column_values_to_match_regex", "country", "warning", {"country": "gb"}),
    ("creator_changes", "creators_without_name", None, "warning", {"name": ""}),
    ("rate_changes", "expect_column_values_to_be_between", "rate", "warning", {"rate": 0}),
    *(
        ("rate_changes", "expect_column_values_to_match_regex", column, "warning", {column: "euro"})
        for column in ("currency", "quote_currency")
    ),
]
# Expectations that a change of one value does not break: each has a test of its own below.
OTHERWISE_TESTED = {
    ("user_events", "silent_sources", None),
    ("user_events", "uncounted_changes", None),
    ("user_events", "quarantined_files", None),
    ("user_events", "files_mostly_held_back", None),
    ("user_events", "volume_jumps", None),
    ("user_events", "lines_out_of_bounds", None),
    ("user_events", "field_drift", None),
    *((suite, "duplicate_changes", key) for suite, key in KEYS.items()),
}


@pytest.fixture
def judge(warehouse: Warehouse, stage: Callable) -> Callable[..., list[Finding]]:
    """`judge(suite, **stage arguments)`: the findings of one suite on a day staged so."""

    def findings(suite: str, **staged: object) -> list[Finding]:
        return judged(warehouse, suite, stage(**staged))

    return findings


def judged(warehouse: Warehouse, suite: str, days: Days) -> list[Finding]:
    with open_judge(warehouse) as judge:
        return suite_result(suite, judge(suite, days.rows(suite), RAW_SUITES[suite].expectations(days))).findings


def broken(findings: list[Finding]) -> set[tuple]:
    return {(found.expectation, found.column_name, found.severity) for found in findings if not found.success}


def identity(suite: str, finding: Finding) -> tuple:
    return suite, finding.expectation, finding.column_name


@pytest.mark.parametrize("suite", RAW_SUITES)
def test_good_rows_break_nothing(suite, judge):
    assert broken(judge(suite)) == set()


@pytest.mark.parametrize("suite", RAW_SUITES)
def test_no_rows_break_nothing_when_none_are_due(suite, judge):
    assert broken(judge(suite, due_sources=(), **{suite: []})) == set()


@pytest.mark.parametrize("suite", RAW_SUITES)
def test_every_expectation_has_a_test_that_breaks_it(suite, judge):
    tested = {(case[0], case[1], case[2]) for case in BAD_VALUES} | OTHERWISE_TESTED
    assert {identity(suite, finding) for finding in judge(suite)} == {case for case in tested if case[0] == suite}


@pytest.mark.parametrize("suite", KEYS)
def test_a_change_of_another_load_day_is_missing_from_its_own(suite, judge, good_rows):
    first, *others = good_rows[suite]
    strayed = [{**first, "load_date": "2026-10-23"}, *others]
    assert ("uncounted_changes", None, "critical") in broken(judge("user_events", **{suite: strayed}))


@pytest.mark.parametrize("suite", KEYS)
def test_a_change_that_was_not_loaded_is_one_too_many(suite, stage, loader, warehouse):
    days = stage()
    with loader.cursor() as cursor:
        cursor.execute("delete from ops.file_load where target = %s", [suite])
    assert broken(judged(warehouse, "user_events", days)) == {("uncounted_changes", None, "critical")}


def test_nothing_looks_at_personal_data(stage):
    """Results, with their examples, are read by everybody who may see a dashboard."""
    days = stage()
    for suite in RAW_SUITES.values():
        for expectation in suite.expectations(days):
            text = expectation.configuration.to_json_dict()
            assert not re.search(r"\b(email|full_name|street|postal_code|city)\b", str(text)), text


def test_every_expectation_says_its_rule_in_words(stage):
    days = stage()
    for suite in RAW_SUITES.values():
        assert all(expectation.description for expectation in suite.expectations(days))


@pytest.mark.parametrize(
    ("suite", "expectation", "column", "severity", "change"),
    BAD_VALUES,
    ids=[f"{case[0]}-{case[1]}-{'-'.join(case[4])}" for case in BAD_VALUES],
)
def test_a_bad_value_is_seen(suite, expectation, column, severity, change, judge, good_rows):
    first, *others = good_rows[suite]
    findings = judge(suite, **{suite: [{**first, **change}, *others]})
    assert broken(findings) == {(expectation, column, severity)}


def test_an_event_without_actor_is_seen(judge, good_rows):
    first, *others = good_rows["user_events"]
    nobody = {**first, "actor_id": None, "user_id": None, "anonymous_id": None}
    findings = judge("user_events", user_events=[nobody, *others])
    assert broken(findings) == {("missing_values", None, "critical")}


@pytest.mark.parametrize("suite", KEYS)
def test_two_records_of_one_thing_at_one_time_are_seen(suite, judge, good_rows):
    first = good_rows[suite][0]
    findings = judge(suite, **{suite: [first, {**first, "line_no": 9}]})
    assert broken(findings) == {("duplicate_changes", KEYS[suite], "critical")}


def test_a_day_without_events_is_seen(judge):
    assert broken(judge("user_events", user_events=[])) == {
        ("silent_sources", None, "critical"),
    }


def test_a_daily_source_that_is_absent_is_seen(judge):
    assert broken(judge("user_events", due_sources=("app", "shop"))) == {
        ("silent_sources", None, "critical"),
    }


@pytest.mark.parametrize(
    ("lines", "quarantined", "severities"),
    [
        (100, 10, set()),
        (100, 12, {"warning"}),
        (100, 50, {"warning"}),
        (100, 51, {"warning", "critical"}),
        (10, 6, {"warning", "critical"}),
        (9, 9, set()),
    ],
)
def test_a_file_that_was_largely_held_back_is_seen(lines, quarantined, severities, warehouse, stage, file_load):
    days = stage()
    (day,) = days.loads
    file_load(day.load_id, day.load_date, loaded=lines - quarantined, quarantined=quarantined)
    names = {"warning": "quarantined_files", "critical": "files_mostly_held_back"}
    assert broken(judged(warehouse, "user_events", days)) == {(names[each], None, each) for each in severities}


def test_lines_that_are_skipped_hide_no_line_that_is_held_back(warehouse, stage, file_load):
    days = stage()
    (day,) = days.loads
    file_load(day.load_id, day.load_date, loaded=4, quarantined=6, skipped=990)
    assert ("files_mostly_held_back", None, "critical") in broken(judged(warehouse, "user_events", days))


@pytest.mark.parametrize(("source", "seen"), [("app", False), ("shop", True)])
def test_what_may_be_held_back_is_said_for_each_source(source, seen, warehouse, stage, file_load):
    days = replace(stage(), held_back_at_most={"app": 0.9, "shop": 0.7})
    (day,) = days.loads
    file_load(day.load_id, day.load_date, loaded=20, quarantined=80, source=source)
    failed = ("files_mostly_held_back", None, "critical") in broken(judged(warehouse, "user_events", days))
    assert failed == seen


@pytest.mark.parametrize(
    ("days_before", "today", "seen"),
    [
        ([10, 11, 9, 10], 29, False),
        ([10, 11, 9, 10], 31, True),
        ([10, 11, 9, 10], 3, True),
        ([10, 11], 500, False),  # two days are no habit
        ([10] * 7 + [500] * 20, 10, False),  # seven days make the habit, not all of history
    ],
)
def test_a_jump_in_volume_is_seen(days_before, today, seen, warehouse, stage, published, good_rows):
    event = good_rows["user_events"][0]
    days = stage(user_events=[{**event, "event_id": f"e_{number}"} for number in range(today)])
    for age, events in enumerate(days_before, start=1):
        published(days.dates[0] - timedelta(days=age), events)
    assert broken(judged(warehouse, "user_events", days)) == ({("volume_jumps", None, "warning")} if seen else set())


def test_a_reference_published_on_another_day_is_known(warehouse, stage, loader):
    days = stage(user_changes=[])
    with loader.cursor() as cursor:
        cursor.execute(
            "insert into raw.user_changes (load_date, file_no, line_no, source, user_id, changed_at, op)"
            " values ('2026-01-01', 1, 1, 'app', 'u_1', '2026-01-01', 'upsert')"
        )
        findings = judged(warehouse, "user_events", days)
        cursor.execute("delete from raw.user_changes")
    assert broken(findings) == set()
