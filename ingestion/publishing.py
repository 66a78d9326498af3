"""Swaps staged days into the raw tables, or lets them go. Readers see the old day or the new one."""

import datetime
from collections.abc import Iterator, Sequence

from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from ingestion.loading import day_lock, forget_staged
from ingestion.statements import statement
from ingestion.targets import CHANGES, staging_table

DAYS_AT_ONCE = 25  # days in one transaction; each takes some ten locks


def publish_day(connection: Connection, load_date: datetime.date) -> bool:
    """Put what is staged for a day in the place of what was published of it, in one transaction.

    Gives False when nothing is staged, which is so when the day is unchanged or published already.
    """
    return bool(list(publish_days(connection, [load_date])))


def publish_days(connection: Connection, load_dates: Sequence[datetime.date]) -> Iterator[datetime.date]:
    """Publish days as `publish_day` does, some in one transaction; gives those for which something was staged."""
    for first in range(0, len(load_dates), DAYS_AT_ONCE):
        some = load_dates[first : first + DAYS_AT_ONCE]
        with day_lock(connection, *some), connection.cursor() as cursor:
            published = _publish(cursor, some)
            connection.commit()
        yield from published


def reject_day(connection: Connection, load_date: datetime.date) -> bool:
    """Let go of what is staged for a day; what was published of it stays. Gives False when nothing is staged."""
    with day_lock(connection, load_date), connection.cursor() as cursor:
        cursor.execute(statement("reject_load"), {"load_date": load_date})
        rejected = cursor.rowcount > 0
        forget_staged(cursor, load_date)
        connection.commit()
        return rejected


def _publish(cursor: Cursor, load_dates: Sequence[datetime.date]) -> list[datetime.date]:
    """Publish those of the days for which something is staged."""
    cursor.execute(statement("find_staged"), {"load_dates": list(load_dates)})
    staged = cursor.fetchall()
    if not staged:
        return []
    load_ids, days = zip(*staged, strict=True)
    values = {"load_ids": list(load_ids), "load_dates": list(days)}
    for target in CHANGES:
        columns = sql.SQL(", ").join(map(sql.Identifier, target.copy_columns))
        staging = staging_table(target.name)
        cursor.execute(statement("swap_changes", target=target.name, staging=staging, columns=columns), values)
    cursor.execute(statement("publish_loads"), values)
    # Last, because dropping an old partition locks out all readers of the events until the commit.
    swaps = [
        statement(
            "swap_events",
            staging=staging_table("user_events", day),
            partition=f"user_events_{day:%Y%m%d}",
            load_date=sql.Literal(day),
        )
        for day in days
    ]
    cursor.execute(sql.SQL("\n").join(swaps))
    return list(days)
