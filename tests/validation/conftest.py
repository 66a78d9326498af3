"""A load day staged by hand, whose rows may be as bad as a loader that errs would leave them."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import psycopg2.extras
import pytest

from ingestion.service import staging_table
from ingestion.vocabulary import EVENT_TYPES
from ingestion.warehouse import Warehouse
from validation.days import Day, Days

LOAD_DATE = date(2026, 10, 24)
TARGETS = ("user_events", "user_changes", "product_changes", "content_changes", "creator_changes", "rate_changes")
CHANGES = TARGETS[1:]
NOON = datetime(2026, 10, 24, 12, tzinfo=UTC)
LONG_AGO = datetime(2009, 1, 1, tzinfo=UTC)
ARRIVAL = {"load_date": LOAD_DATE, "file_no": 1, "source": "app"}
CHANGE = {**ARRIVAL, "changed_at": NOON, "op": "upsert"}

GOOD_ROWS = {
    "user_events": [
        {
            **ARRIVAL,
            "line_no": number,
            "event_id": f"e_{number}",
            "actor_id": "u_1",
            "user_id": "u_1",
            "anonymous_id": "a_1",
            "event_type": "purchase",
            "event_name": "purchase",
            "is_activity": True,
            "country": "DE",
            "language": "de",
            "device_type": "mobile",
            "quantity": 1,
            "event_ts": NOON,
            "platform": "ios",
            "content_id": "c_1",
            "product_id": "p_1",
            "duration_seconds": 60,
            "amount": 9.99,
            "currency": "EUR",
        }
        for number in range(1, 21)
    ],
    "user_changes": [
        {**CHANGE, "line_no": 1, "user_id": "u_1", "country": "DE", "language": "de", "signup_at": LONG_AGO},
        {**CHANGE, "line_no": 2, "user_id": "u_2", "op": "delete"},
    ],
    "product_changes": [
        {**CHANGE, "line_no": 1, "product_id": "p_1", "price": 9.99, "currency": "EUR", "creator_id": "cr_1"}
    ],
    "content_changes": [
        {
            **CHANGE,
            "line_no": 1,
            "content_id": "c_1",
            "content_type": "book_text",
            "language": "en",
            "duration_seconds": 60,
            "word_count": 900,
            "creator_id": "cr_1",
        }
    ],
    "creator_changes": [{**CHANGE, "line_no": 1, "creator_id": "cr_1", "name": "Ada", "country": "GB"}],
    "rate_changes": [{**CHANGE, "line_no": 1, "currency": "USD", "quote_currency": "EUR", "rate": 0.9}],
}


@pytest.fixture
def good_rows() -> dict[str, list[dict]]:
    """Rows that break no rule, for each raw table."""
    return GOOD_ROWS


@pytest.fixture
def loader(warehouse: Warehouse) -> Iterator[psycopg2.extensions.connection]:
    """An autocommitting connection of role loader, on a warehouse without any load."""
    connection = warehouse.connect("loader")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in ("validation_result", "validation_document", "load_day", "file_load", "load"):
            cursor.execute(f"delete from ops.{table}")
    yield connection
    connection.close()


@pytest.fixture
def stage(loader: psycopg2.extensions.connection) -> Iterator[Callable[..., Days]]:
    """`stage(user_events=[...])` stages a load of `LOAD_DATE`: the rows given, good ones for the other tables.

    `day` is another load day; rows that say nothing else are of it.

    The staging tables are raw tables without their constraints, so that a row can break any rule.
    """
    with loader.cursor() as cursor:
        events: set[str] = set()
        for target in CHANGES:
            table = staging_table(target)
            cursor.execute(f"alter table raw.{table} rename to {table}_kept")
            cursor.execute(f"create table raw.{table} as table raw.{target} with no data")

        def stage_load(*, due_sources: tuple[str, ...] = ("app",), day: date = LOAD_DATE, **rows: list[dict]) -> Days:
            cursor.execute(
                "insert into ops.load (load_date, status, landing, contracts_sha256)"
                " values (%s, 'staged', 'test', 'test') returning load_id",
                [day],
            )
            load_id = cursor.fetchone()[0]
            for target in TARGETS:
                table = f"raw.{staging_table(target, day)}"
                if target == "user_events":
                    events.add(table)
                    cursor.execute(f"drop table if exists {table}")
                    cursor.execute(f"create table {table} as table raw.{target} with no data")
                else:
                    cursor.execute(f"delete from {table} where load_date = %s", [day])
                    _record(cursor, load_id, day, target, loaded=len(rows.get(target, GOOD_ROWS[target])))
                for row in rows.get(target, GOOD_ROWS[target]):
                    moved = {column: _moved(value, day - LOAD_DATE) for column, value in row.items()}
                    columns, marks = ", ".join(moved), ", ".join(["%s"] * len(moved))
                    cursor.execute(f"insert into {table} ({columns}) values ({marks})", list(moved.values()))
            return Days(
                loads=(Day(load_id, day, due_sources),),
                earliest=date(2010, 1, 1),
                event_types=tuple(sorted(EVENT_TYPES)),
            )

        yield stage_load
        for table in events:
            cursor.execute(f"drop table if exists {table}")
        for table in map(staging_table, CHANGES):
            cursor.execute(f"drop table raw.{table}")
            cursor.execute(f"alter table raw.{table}_kept rename to {table}")


def _moved(value: object, shift: timedelta) -> object:
    """A date or time about `LOAD_DATE`, moved to another load day; anything else as it is."""
    return value + shift if isinstance(value, date) and value.year == LOAD_DATE.year else value


def _record(
    cursor: psycopg2.extensions.cursor,
    load_id: int,
    load_date: date,
    target: str,
    *,
    loaded: int,
    quarantined: int = 0,
    skipped: int = 0,
    source: str = "app",
) -> None:
    cursor.execute(
        "insert into ops.file_load (load_id, load_date, source, path, file_no, target, sha256, bytes,"
        " lines_read, loaded, duplicates, quarantined, skipped)"
        " values (%s, %s, %s, %s, 1, %s, 'test', 1, %s, %s, 0, %s, %s)",
        [
            load_id, load_date, source, f"{source}/{load_date}/{target}", target,
            loaded + quarantined + skipped, loaded, quarantined, skipped,
        ],
    )  # fmt: skip


@pytest.fixture
def file_load(loader: psycopg2.extensions.connection) -> Callable[..., None]:
    """`file_load(load_id, load_date, loaded=…, quarantined=…)` records one file of events, as ingestion does."""

    def record(load_id: int, load_date: date, **counts: object) -> None:
        with loader.cursor() as cursor:
            _record(cursor, load_id, load_date, "user_events", **counts)

    return record


@pytest.fixture
def published(loader: psycopg2.extensions.connection, file_load: Callable) -> Callable[[date, int], None]:
    """`published(day, events)`: a day that was published with so many events."""

    def publish(load_date: date, events: int) -> None:
        with loader.cursor() as cursor:
            cursor.execute(
                "insert into ops.load (load_date, status, landing, contracts_sha256)"
                " values (%s, 'published', 'test', 'test') returning load_id",
                [load_date],
            )
            load_id = cursor.fetchone()[0]
            cursor.execute("insert into ops.load_day values (%s, %s, 1, now())", [load_date, load_id])
        file_load(load_id, load_date, loaded=events)

    return publish
