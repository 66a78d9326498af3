"""The audit between load and publish: what stops a day, what is only recorded, and what it leaves behind."""

import gzip
import json
import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from upath import UPath

from ingestion.service import Contract, Lines, load_contracts, load_day, publish_day, reject_day
from ingestion.warehouse import Warehouse
from validation.service import audit_day

DAY = date(2026, 10, 24)
USERS = "user_id,changed_at,op,email,full_name,street,postal_code,city,country,language,device,plan,acquisition_channel,signup_at\n"  # fmt: skip  # noqa: E501


@pytest.fixture
def connection(warehouse: Warehouse, loader):
    """An open connection of role loader, as the DAG has it."""
    made = warehouse.connect("loader")
    yield made
    made.close()


@pytest.fixture
def land(tmp_path):
    """`land(events, day=DAY)` lands events of the apps, and the user of all of them."""

    def write(events: list[dict], *, day: date = DAY) -> UPath:
        folder = tmp_path / "app" / str(day)
        folder.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"{json.dumps(event)}\n" for event in events)
        (folder / "events-web.ndjson.gz").write_bytes(gzip.compress(lines.encode()))
        (folder / "users.csv").write_text(f"{USERS}u_1,{day}T00:00:00Z,upsert,a@b.test,Ada,S 1,1,B,DE,de,ios,free,ads,{day}T00:00:00Z\n")  # fmt: skip  # noqa: E501
        return UPath(tmp_path)

    return write


def event(number: int, **changes: object) -> dict:
    return {"event_id": f"e_{number}", "event": "login", "ts": f"{DAY}T12:00:00Z", "user_id": "u_1"} | changes


def scalar(cursor, query: str) -> object:
    cursor.execute(query)
    return cursor.fetchone()[0]


def test_a_sound_day_passes_and_every_result_is_recorded(warehouse, connection, land, loader):
    load = load_day(connection, land([event(1), event(2)]), DAY)
    report = audit_day(warehouse, DAY)
    assert report.success, str(report)
    assert report.failures == report.warnings == []
    with loader.cursor() as cursor:
        cursor.execute("select load_id, load_date, suite, expectation, success, message from ops.validation_result")
        recorded = cursor.fetchall()
    assert [row[:2] for row in recorded] == [(load.load_id, DAY)] * len(report.findings)
    assert {row[2] for row in recorded} == {"user_events", "user_changes"}  # nothing landed of the other three
    assert (load.load_id, DAY, "user_events", "duplicate_events", True,
            "No event_id of a source occurs twice: holds.") in recorded  # fmt: skip


def test_a_critical_failure_stops_the_day_and_the_old_one_stays(warehouse, connection, land, loader):
    load_day(connection, land([event(1)]), DAY)
    publish_day(connection, DAY)
    load_day(connection, land([event(1, event="teleport"), event(2, ts="then")]), DAY)  # all lines are held back
    report = audit_day(warehouse, DAY)
    assert not report.success
    assert (
        "critical: user_events: Events came from every source that owes them daily: 1 exception, "
        "such as load_date 2026-10-24, source app. Remedy: Land its events; `_EMPTY` says" in str(report)
    )
    reject_day(connection, DAY)
    with loader.cursor() as cursor:
        assert scalar(cursor, f"select count(*) from raw.user_events where load_date = '{DAY}'") == 1


def test_a_warning_stops_nothing(warehouse, connection, land):
    load_day(connection, land([event(1, user_id="u_404"), event(2, platform=None)]), DAY)
    report = audit_day(warehouse, DAY)
    assert report.success
    assert [found.message for found in report.warnings] == [
        "Events refer to a known user_id: 1 exception, such as staged_for 2026-10-24, user_id u_404, times 1."
    ]


def test_references_are_not_judged_while_an_earlier_day_is_on_its_way(warehouse, connection, land):
    before = DAY - timedelta(days=1)
    load_day(connection, land([event(1, ts=f"{before}T12:00:00Z")], day=before), before)
    load_day(connection, land([event(1, user_id="u_404")]), DAY)
    assert audit_day(warehouse, DAY).warnings == []
    publish_day(connection, before)
    assert len(audit_day(warehouse, DAY).warnings) == 1


def test_a_day_that_is_said_to_be_empty_passes(warehouse, connection, tmp_path):
    folder = tmp_path / "app" / str(DAY)
    folder.mkdir(parents=True)
    (folder / "_EMPTY").touch()
    load_day(connection, UPath(tmp_path), DAY)
    assert audit_day(warehouse, DAY).success


def test_nothing_staged_is_nothing_to_judge(warehouse, connection, land):
    landing = land([event(1)])
    load_day(connection, landing, DAY)
    publish_day(connection, DAY)
    assert load_day(connection, landing, DAY).unchanged
    report = audit_day(warehouse, DAY)
    assert (report.success, report.findings) == (True, [])


def test_a_second_audit_of_a_load_replaces_the_first(warehouse, connection, land, loader):
    load_day(connection, land([event(1)]), DAY)
    first, second = audit_day(warehouse, DAY), audit_day(warehouse, DAY)
    with loader.cursor() as cursor:
        assert scalar(cursor, "select count(*) from ops.validation_result") == len(first.findings)
        assert scalar(cursor, "select count(*) from ops.validation_document") == 2
    assert first.findings == second.findings


def test_a_missing_column_is_a_failure_and_says_so(warehouse, connection, land, loader):
    load_day(connection, land([event(1)]), DAY)
    with loader.cursor() as cursor:
        cursor.execute(f"alter table raw.user_events__{DAY:%Y%m%d} drop column event_type")
    report = audit_day(warehouse, DAY)
    assert not report.success
    assert "could not be checked" in str(report)
    assert '"event_type"' in str(report)


def test_the_audit_leaves_no_session_behind_that_would_block_the_swap(warehouse, connection, land, loader):
    load_day(connection, land([event(1)]), DAY)
    audit_day(warehouse, DAY)
    others = (
        "select count(*) from pg_stat_activity where datname = current_database() and usename = 'loader'"
        f" and pid not in (pg_backend_pid(), {connection.info.backend_pid})"
    )
    deadline = time.monotonic() + 5  # a session that was closed takes a moment to end
    with loader.cursor() as cursor:
        while scalar(cursor, others) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert scalar(cursor, others) == 0
    assert publish_day(connection, DAY)


def test_the_audit_speaks_to_nobody_but_the_warehouse(warehouse, connection, land, monkeypatch):
    """Python's sockets are shut; psycopg2 reaches PostgreSQL through libpq, which does not use them."""

    def refuse(*_):
        raise AssertionError("the audit opened a network connection of its own")

    load_day(connection, land([event(1)]), DAY)
    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert audit_day(warehouse, DAY).success


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ({}, True),
        ({"cadence": "irregular"}, False),
        ({"begins": DAY + timedelta(days=1)}, False),
        ({"begins": DAY, "ends": DAY}, True),
        ({"ends": DAY - timedelta(days=1)}, False),
    ],
)
def test_due_are_the_sources_that_owe_the_day(warehouse, connection, land, terms, due):
    """The load says which they are, and the audit asks no one else."""
    known = {contract.source: contract for contract in load_contracts()}
    app, podcast = known["app"], known["podcast"]
    load_day(connection, land([event(1, event="teleport")]), DAY, contracts=[replace(app, **terms), podcast])
    failed = [found.expectation for found in audit_day(warehouse, DAY).failures]
    assert failed == (["silent_sources"] if due else [])


def test_nobody_owes_a_day_that_another_source_landed_before_the_company_began(warehouse, connection, land, tmp_path):
    landing = land([event(1)], day=DAY + timedelta(days=1))
    folder = tmp_path / "podcast" / str(DAY)
    folder.mkdir(parents=True)
    line = {"event_type": "pause", "user_id": "u", "episode_id": "e", "timestamp": f"{DAY}T00:00:00"}
    (folder / "event_logs.json").write_text(json.dumps(line))
    assert load_day(connection, landing, DAY).loaded == 1
    report = audit_day(warehouse, DAY)
    assert report.success, str(report)


@pytest.mark.parametrize(
    ("lines", "bad", "at_most", "fails"),
    [
        (20, 10, 0.5, False),  # half is not more than half
        (20, 11, 0.5, True),
        (9, 8, 0.5, False),  # a few lines are no alarm
        (10, 8, 0.5, True),
        (20, 19, 1, False),
        (20, 1, 0, True),
    ],
)
def test_a_day_with_a_file_that_is_mostly_held_back_fails(warehouse, connection, land, lines, bad, at_most, fails):
    known = {contract.source: contract for contract in load_contracts()}
    app, podcast = known["app"], known["podcast"]
    contracts = [replace(app, held_back_at_most=at_most), podcast]
    events = [event(number, **({"ts": "then"} if number < bad else {})) for number in range(lines)]
    load_day(connection, land(events), DAY, contracts=contracts)
    report = audit_day(warehouse, DAY, contracts=contracts)
    assert [found.expectation for found in report.failures] == (["files_mostly_held_back"] if fails else [])


def test_a_file_that_is_mostly_held_back_is_named_with_its_errors_and_the_remedy(warehouse, connection, land):
    bad = [event(1, ts="then"), event(2, event="teleport"), *(event(number, ts="then") for number in range(3, 12))]
    load_day(connection, land([event(0), *bad]), DAY)
    (failure,) = audit_day(warehouse, DAY).failures
    assert failure.message == (
        "No more of a file's lines are held back than its contract's held_back_at_most: 1 exception, such as load_date "
        f"{DAY}, path app/{DAY}/events-web.ndjson.gz, lines_read 12, quarantined 11, errors "
        "unparsable_timestamp 10 times, first in line 2; unknown_event_type 1 times, first in line 3. Remedy: "
        "`ops.quarantine` has the lines. Mend the file, or the contract, and load the day again."
    )


def bounded(kind: str, lines: Lines) -> list[Contract]:
    """The project's contracts, with bounds for a kind of file of the apps."""
    contracts = load_contracts()
    return [
        replace(
            contract,
            files=tuple(
                replace(file, lines=lines) if (file.source, file.name) == ("app", kind) else file
                for file in contract.files
            ),
        )
        for contract in contracts
    ]


@pytest.mark.parametrize(
    ("lines", "bounds", "fails"),
    [
        (10, Lines(at_least=10, at_most=10), False),
        (9, Lines(at_least=10), True),
        (11, Lines(at_most=10), True),
        (10, Lines(), False),
    ],
)
def test_a_day_with_fewer_or_more_lines_than_the_contract_says_fails(warehouse, connection, land, lines, bounds, fails):
    contracts = bounded("events", bounds)
    events = [event(number) for number in range(lines - 1)]
    load_day(connection, land([*events, event(0)]), DAY, contracts=contracts)  # a duplicate is a line, too
    report = audit_day(warehouse, DAY, contracts=contracts)
    assert [found.expectation for found in report.failures] == (["lines_out_of_bounds"] if fails else [])


def test_a_kind_without_a_file_has_no_lines(warehouse, connection, land):
    contracts = bounded("products", Lines(at_least=1))
    load_day(connection, land([event(0)]), DAY, contracts=contracts)
    (failure,) = audit_day(warehouse, DAY, contracts=contracts).failures
    assert failure.message == (
        "Each kind of file has as many lines as its contract says under lines: 1 exception, such as load_date "
        f"{DAY}, source app, kind products, lines_read 0, allowed at least 1. Remedy: Land what is missing, or correct "
        "lines in the contract, and load the day again."
    )


def test_bounds_are_judged_for_each_day_and_source_that_landed(warehouse, connection, land):
    """The podcast did not land: it owes nothing."""
    contracts = [
        replace(contract, files=tuple(replace(file, lines=Lines(at_least=1)) for file in contract.files))
        if contract.source == "podcast"
        else contract
        for contract in load_contracts()
    ]
    load_day(connection, land([event(0)]), DAY, contracts=contracts)
    assert audit_day(warehouse, DAY, contracts=contracts).success
