"""What the warehouse forgets, and what it never does."""

import pytest

from ingestion.retention import Retention, retire
from ingestion.warehouse import ConfigurationError
from tests.ingestion.helpers import DAY, Landing, event

FOREVER = Retention(None, None, None)


@pytest.fixture
def old(landing: Landing) -> Landing:
    """A published day of 2026 with a held-back line, and of each history a row of 100 days ago and one of now."""
    landing.events(event(1), b"no json")
    landing.load_and_publish()
    for table in ("model_run", "table_size", "alert"):
        landing.query(f"delete from ops.{table} returning 1")
    for age in ("100 days", "1 hour"):
        landing.query(
            "with build as (insert into ops.build (holder, status, load_dates, finished_at)"
            " values ('me', 'succeeded', '{}', now() - %s::interval) returning build_id),"
            " size as (insert into ops.table_size select build_id, 'marts', 'mart', 1, 1 from build),"
            " alert as (insert into ops.alert (cause, title, body, first_seen, last_seen, recovered_at)"
            " values ('c', 't', 'b', now(), now(), now() - %s::interval))"
            " insert into ops.model_run (finished_at, invocation_id, node_id, resource_type, name, status, seconds)"
            " values (now() - %s::interval, 'i', 'n', 'model', 'n', 'success', 1) returning 1",
            age,
            age,
            age,
        )
    landing.query(
        "insert into ops.alert (cause, title, body, first_seen, last_seen)"
        " values ('open', 't', 'b', now() - interval '1 year', now() - interval '1 year') returning 1"
    )
    return landing


def counts(landing: Landing) -> dict[str, int]:
    tables = ("model_run", "table_size", "alert", "quarantine", "file_load", "load_day", "build")
    return {table: landing.query(f"select count(*) from ops.{table}")[0][0] for table in tables}


def test_history_goes_after_its_time_and_what_is_open_stays(old: Landing):
    before = counts(old)
    assert retire(old.connection, Retention(history=30, quarantine=None, logs=None)) == {
        "model_run": 1, "table_size": 1, "alert": 1
    }  # fmt: skip
    assert counts(old) == {**before, "model_run": 1, "table_size": 1, "alert": 2}
    assert old.query("select count(*) from ops.open_alert") == [(1,)]


def test_held_back_lines_go_only_where_it_is_asked_for_and_their_number_stays(old: Landing):
    assert retire(old.connection, FOREVER) == {}
    assert counts(old)["quarantine"] == 1
    days = (old.query("select current_date")[0][0] - DAY).days
    assert retire(old.connection, Retention(None, days, None)) == {"quarantine": 0}, "of the day itself not yet"
    assert retire(old.connection, Retention(None, days - 1, None)) == {"quarantine": 1}
    assert old.query("select quarantined from ops.load") == [(1,)]


def test_raw_data_stays(old: Landing):
    retire(old.connection, Retention(7, 7, 7))
    assert old.event_ids() == ["e1"] and counts(old)["load_day"] == 1


def test_settings_are_days_or_never():
    given = {"KEEP_HISTORY_DAYS": "400", "KEEP_QUARANTINE_DAYS": "never"}
    assert Retention.from_environment(given) == Retention(400, None, None)
    for wrong in ("0", "-1", "6", "a week"):
        with pytest.raises(ConfigurationError, match=f"KEEP_LOGS_DAYS={wrong} is not a number of days.\nRemedy"):
            Retention.from_environment({"KEEP_LOGS_DAYS": wrong})
