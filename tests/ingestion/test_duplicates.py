"""The first arrival wins: the smallest file number, then the smallest line number, of each key."""

import datetime
from contextlib import closing

from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import DAY, Landing, event, files_of

NEXT_DAY = DAY + datetime.timedelta(days=1)


def test_the_first_arrival_of_the_day_is_kept(landing: Landing):
    landing.events(event(1, duration_seconds=3), event(2), event(1), name="events-web.ndjson")
    landing.events(event(9), event(1, duration_seconds=1), event(1, duration_seconds=2), name="events-android.ndjson")
    landing.events(event(2), event(3), name="events-ios.ndjson")
    assert files_of(landing.load_and_publish()) == [
        ("events-android.ndjson", 3, 2, 1, 0),
        ("events-ios.ndjson", 2, 2, 0, 0),
        ("events-web.ndjson", 3, 0, 3, 0),
    ]
    assert landing.query("select event_id, duration_seconds::int, file_no from raw.user_events order by event_id") == [
        ("e1", 1, 1),
        ("e2", 312, 2),
        ("e3", 312, 2),
        ("e9", 312, 1),
    ]


def test_the_same_event_on_two_days_is_in_both(landing: Landing):
    landing.events(event(1))
    landing.events(event(1), event(2), day=NEXT_DAY)
    landing.load_and_publish()
    assert landing.load_and_publish(NEXT_DAY).duplicates == 0  # the core keeps the first, whichever day is loaded first
    assert landing.event_ids() == ["e1", "e1", "e2"]


def test_sources_do_not_share_event_ids(landing: Landing):
    line = b'{"event_type": "pause", "user_id": "u", "episode_id": "e", "timestamp": "2026-03-01T00:00:00"}\n'
    landing.put("event_logs.json", line, source="podcast")
    landing.load_and_publish()
    ((event_id,),) = landing.query("select event_id from raw.user_events")
    landing.events(event(1, event_id=event_id))
    assert landing.load_and_publish().duplicates == 0
    assert landing.event_ids() == [event_id] * 2


def test_events_without_id_are_equal_when_their_content_is(landing: Landing):
    landing.put(
        "event_logs.json",
        b'{"event_type": "pause", "user_id": "u", "episode_id": "e", "timestamp": "2026-03-01T00:00:00"}\n'
        b'{"timestamp":"2026-03-01T00:00:00","user_id":"u","episode_id":"e","event_type":"pause"}\n'
        b'{"timestamp":"2026-03-01T00:00:01","user_id":"u","episode_id":"e","event_type":"pause"}\n',
        source="podcast",
    )
    assert files_of(landing.load_and_publish()) == [("event_logs.json", 3, 2, 1, 0)]


def test_a_change_is_the_thing_and_its_moment(landing: Landing):
    landing.put(
        "creators.csv",
        b"creator_id,changed_at,op,name,country,creator_type\n"
        b"cr_1,2026-03-01T00:00:00Z,upsert,first,DE,author\n"
        b"cr_1,2026-03-01T01:00:00+01:00,upsert,same moment,DE,author\n"
        b"cr_1,2026-03-01T00:00:01Z,upsert,later,DE,author\n"
        b"cr_2,2026-03-01T00:00:00Z,upsert,other,DE,author\n",
    )
    assert files_of(landing.load_and_publish()) == [("creators.csv", 4, 3, 1, 0)]
    names = landing.query("select name from raw.creator_changes order by line_no")
    assert names == [("first",), ("later",), ("other",)]


def test_many_changes_where_the_planner_expects_none(landing: Landing, postgres_server, warehouse: Warehouse):
    """Autovacuum has looked at the table when all of its rows were another transaction's."""
    line = b"cr_%d,2026-03-01T00:00:00Z,upsert,A,DE,author\n"
    lines = b"".join(line % number for number in range(20_000))
    landing.put("creators.csv", b"creator_id,changed_at,op,name,country,creator_type\n" + lines + line % 7)
    with closing(postgres_server.connect(warehouse.database)) as other, other.cursor() as cursor:
        cursor.execute(
            "insert into raw.creator_changes__staged (load_date, file_no, line_no, source, creator_id, changed_at, op)"
            " select '2026-01-01', 1, number, 'app', number, '2026-01-01', 'upsert'"
            " from generate_series(1, 20000) as number"
        )
        with closing(postgres_server.connect(warehouse.database)) as third, third, third.cursor() as observer:
            observer.execute("analyze raw.creator_changes__staged")
        other.rollback()
    with landing.connection.cursor() as cursor:
        cursor.execute("set statement_timeout to '10s'")  # each row with each other takes a minute
        landing.connection.commit()
        try:
            assert files_of(landing.load()) == [("creators.csv", 20_001, 20_000, 1, 0)]
        finally:
            landing.connection.rollback()
            cursor.execute("reset statement_timeout")
            landing.connection.commit()
