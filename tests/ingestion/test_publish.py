"""A day is swapped in whole, as often as it lands, and nothing half-written is ever seen."""

import datetime
import threading
from dataclasses import replace

import psycopg2
import pytest

from ingestion import loading, rows
from ingestion.errors import LoadError
from ingestion.service import load_day, publish_day, reject_day, staging_table
from ingestion.targets import CHANGES
from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import APP, DAY, PODCAST, Landing, event

AFTER = DAY + datetime.timedelta(days=1)
CREATORS = b"creator_id,changed_at,op,name,country,creator_type\n"


def statuses(landing: Landing) -> list[str]:
    return [status for (status,) in landing.query("select status from ops.load order by load_id")]


def leftovers(landing: Landing) -> list[str]:
    """The staging tables that have something: of events, one for each day; of changes, one for all days."""
    tables = landing.query("select relname from pg_class where relname ~ '__20[0-9]{6}$' order by 1")
    changes = [staging_table(target.name) for target in CHANGES]
    return [name for (name,) in tables] + [name for name in changes if landing.query(f"select from raw.{name} limit 1")]


def test_nothing_is_published_before_it_is_published(landing: Landing):
    landing.events(event(1))
    loaded = landing.load()
    assert (loaded.unchanged, loaded.lines_read, loaded.loaded) == (False, 1, 1)
    assert landing.event_ids() == []
    assert leftovers(landing) == ["user_events__20260302"]  # nothing landed of users, products, content, creators
    assert publish_day(landing.connection, DAY) is True
    assert landing.event_ids() == ["e1"]
    assert leftovers(landing) == []
    assert publish_day(landing.connection, DAY) is False
    assert landing.query("select load_date, version from ops.load_day") == [(DAY, 1)]


def test_changes_of_several_days_are_staged_side_by_side(landing: Landing):
    days = [DAY, AFTER, AFTER + datetime.timedelta(days=1)]
    line = b"cr_1,2026-03-01,upsert,Ada,DE,author\n"
    for day in days:
        landing.events(event(day.day), day=day)
        landing.put("creators.csv", CREATORS + line * 2, day=day)
        assert landing.load(day).duplicates == 1  # of its own file, not of another day's
    assert leftovers(landing) == [*(f"user_events__{day:%Y%m%d}" for day in days), "creator_changes__staged"]
    reject_day(landing.connection, days[0])
    publish_day(landing.connection, days[1])
    staged, published = "raw.creator_changes__staged", "raw.creator_changes"
    assert landing.query(f"select load_date from {staged}") == [(days[2],)]
    assert landing.query(f"select load_date from {published}") == [(days[1],)]
    landing.put("creators.csv", CREATORS, day=days[2])
    landing.load_and_publish(days[2])
    assert leftovers(landing) == []
    assert landing.query(f"select load_date from {published}") == [(days[1],)]


def test_an_unchanged_day_is_not_loaded_again(landing: Landing):
    landing.events(event(1), b"{")
    first = landing.load_and_publish()
    again = landing.load_and_publish()
    assert again.unchanged
    assert replace(again, unchanged=False) == first
    assert statuses(landing) == ["published"]
    assert landing.codes() == [(2, "malformed_json")]
    forced = landing.load_and_publish(force=True)
    assert not forced.unchanged
    assert landing.query("select version from ops.load_day") == [(2,)]


def test_a_changed_file_of_the_same_size_is_loaded_again(landing: Landing):
    landing.events(event(1), name="events-ios.ndjson")
    landing.load_and_publish()
    landing.events(event(2), name="events-ios.ndjson")
    assert not landing.load_and_publish().unchanged
    assert landing.event_ids() == ["e2"]
    assert statuses(landing) == ["superseded", "published"]


def test_a_day_lands_again_smaller_and_empty(landing: Landing):
    landing.events(event(1), event(2))
    path = landing.put("creators.csv", CREATORS + b"cr_1,2026-03-01,upsert,Ada,DE,author\n")
    landing.events(event(3), day=AFTER)
    landing.load_and_publish()
    landing.load_and_publish(AFTER)
    landing.events(event(2))
    path.unlink()
    landing.load_and_publish()
    assert landing.event_ids() == ["e2", "e3"]
    assert landing.query("select count(*) from raw.creator_changes") == [(0,)]
    (landing.path / "app/2026-03-02/events-ios.ndjson.gz").unlink()
    landing.put("_EMPTY", b"")
    landing.load_and_publish()
    assert landing.event_ids() == ["e3"]
    assert landing.query("select load_date, version from ops.load_day order by 1") == [(DAY, 3), (AFTER, 1)]


def test_a_rejected_day_leaves_the_old_one(landing: Landing):
    landing.events(event(1), b"{")
    landing.load_and_publish()
    landing.events(event(2), b"[", b"[")
    landing.load()
    assert reject_day(landing.connection, DAY) is True
    assert reject_day(landing.connection, DAY) is False
    assert publish_day(landing.connection, DAY) is False
    assert landing.event_ids() == ["e1"]
    assert leftovers(landing) == []
    assert statuses(landing) == ["published", "rejected"]
    assert landing.query("select load_id, count(*) from ops.quarantine group by 1 order by 1") == [(1, 1), (2, 2)]
    landing.events(event(3))
    landing.load_and_publish()
    assert statuses(landing) == ["superseded", "rejected", "published"]
    assert landing.codes() == []
    assert landing.query("select load_id, count(*) from ops.file_load group by 1 order by 1") == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]


def test_quarantined_lines_are_replayed_by_mending_the_contract(landing: Landing):
    landing.events(event(1), event(2, platform="tv"))
    landing.load_and_publish()
    assert landing.codes() == [(2, "invalid_value")]
    events, *others = APP.files
    rule = replace(events.rules[0], one_of=events.rules[0].one_of | {"tv"})
    mended = replace(APP, files=(replace(events, rules=(rule,)), *others))
    landing.load_and_publish(contracts=[mended, PODCAST])
    assert landing.event_ids() == ["e1", "e2"]
    assert landing.codes() == []


def test_quarantined_lines_are_replayed_by_mending_the_file(landing: Landing):
    landing.events(event(1), b"{")
    landing.load_and_publish()
    landing.events(event(1), event(2))
    landing.load_and_publish()
    assert landing.event_ids() == ["e1", "e2"]
    assert landing.codes() == []


def test_a_load_that_fails_leaves_nothing(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    landing.events(event(1))
    landing.load_and_publish()
    landing.events(event(2), event(3))

    def fails(*_):
        raise MemoryError("in the middle")

    monkeypatch.setattr(loading, "remove_duplicates", fails)
    with pytest.raises(MemoryError):
        landing.load()
    monkeypatch.undo()
    assert (landing.event_ids(), leftovers(landing)) == (["e1"], [])
    assert statuses(landing) == ["published", "failed"]
    assert landing.query("select count(*) from pg_locks where locktype = 'advisory'") == [(0,)]
    landing.load_and_publish()
    assert landing.event_ids() == ["e2", "e3"]


def test_a_load_whose_connection_is_killed_leaves_nothing(
    landing: Landing, warehouse: Warehouse, postgres_server, monkeypatch: pytest.MonkeyPatch
):
    landing.events(event(1))
    victim = warehouse.connect("loader")

    def is_killed(cursor, *_):
        superuser = postgres_server.connect()
        with superuser.cursor() as killer:
            killer.execute("select pg_terminate_backend(%s)", [victim.get_backend_pid()])
        superuser.close()
        cursor.execute("select 1")

    monkeypatch.setattr(loading, "remove_duplicates", is_killed)
    with pytest.raises(psycopg2.OperationalError):
        load_day(victim, landing.path, DAY)
    monkeypatch.undo()
    assert (leftovers(landing), statuses(landing)) == ([], ["staging"])
    landing.load_and_publish()
    assert (landing.event_ids(), statuses(landing)) == (["e1"], ["failed", "published"])


def test_a_staged_day_is_replaced_by_the_next_attempt(landing: Landing):
    landing.events(event(1))
    landing.load()
    landing.events(event(2))
    landing.load_and_publish()
    assert (landing.event_ids(), statuses(landing)) == (["e2"], ["superseded", "published"])


def test_a_day_that_went_back_is_unchanged_and_loses_what_was_staged(landing: Landing):
    landing.events(event(1))
    landing.load_and_publish()
    landing.events(event(2), b"{")
    landing.load()
    landing.events(event(1))
    assert landing.load().unchanged
    assert landing.codes() == []
    assert publish_day(landing.connection, DAY) is False
    assert (landing.event_ids(), leftovers(landing)) == (["e1"], [])
    assert statuses(landing) == ["published", "superseded"]


def test_loads_of_one_day_take_turns(landing: Landing, warehouse: Warehouse):
    landing.events(*(event(number) for number in range(300)))
    errors = []

    def load_and_publish():
        connection = warehouse.connect("loader")
        try:
            for _ in range(3):
                load_day(connection, landing.path, DAY, force=True)
                publish_day(connection, DAY)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=load_and_publish) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(landing.event_ids()) == 300
    assert leftovers(landing) == []
    assert sorted(set(statuses(landing))) in (["published", "superseded"],)


def test_readers_see_the_old_day_or_the_new_one(landing: Landing, warehouse: Warehouse):
    landing.events(*(event(number) for number in range(100)))
    landing.load_and_publish()
    seen, stop = set(), threading.Event()

    def read():
        connection = warehouse.connect("transformer")
        with connection.cursor() as cursor:
            while not stop.is_set():
                cursor.execute("select count(*) from raw.user_events where load_date = %s", [DAY])
                seen.add(cursor.fetchone()[0])
                connection.commit()
        connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    for size in (200, 300, 100, 200):
        landing.events(*(event(number) for number in range(size)))
        landing.load_and_publish()
    stop.set()
    reader.join()
    assert seen <= {100, 200, 300}


def test_a_partition_is_attached_without_being_scanned(landing: Landing):
    landing.events(event(1))
    landing.load()
    with landing.connection, landing.connection.cursor() as cursor:
        cursor.execute("set client_min_messages = debug1")
    landing.connection.notices.clear()
    publish_day(landing.connection, DAY)
    with landing.connection, landing.connection.cursor() as cursor:
        cursor.execute("reset client_min_messages")
    assert any("is implied by existing constraints" in notice for notice in landing.connection.notices)


def test_a_connection_in_autocommit_mode_is_refused(landing: Landing, warehouse: Warehouse):
    landing.events(event(1))
    connection = warehouse.connect("loader")
    connection.autocommit = True
    with pytest.raises(ValueError, match="autocommit"):
        load_day(connection, landing.path, DAY)
    connection.close()


def test_a_row_that_the_server_refuses_is_named(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    landing.events(event(1))
    monkeypatch.setattr(rows.Mapper, "row", lambda *_, **__: "too\tfew\n")
    monkeypatch.setattr(rows.FastEvents, "covers", lambda _: False)
    with pytest.raises(LoadError, match="events-ios.ndjson.gz: PostgreSQL refuses a row(.|\n)*Remedy"):
        landing.load()
