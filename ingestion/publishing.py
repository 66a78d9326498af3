"""Swaps a staged day into the raw tables, or lets it go. Readers see the old day or the new one."""

import datetime

from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from ingestion.loading import day_lock, drop_staging, staging_table
from ingestion.statements import statement
from ingestion.targets import TARGETS


def publish_day(connection: Connection, load_date: datetime.date) -> bool:
    """Put what is staged for a day in the place of what was published of it, in one transaction.

    Gives False when nothing is staged, which is so when the day is unchanged or published already.
    """
    with day_lock(connection, load_date), connection.cursor() as cursor:
        cursor.execute(statement("find_staged"), {"load_date": load_date})
        staged = cursor.fetchone()
        if staged is None:
            connection.rollback()
            return False
        values = {"load_date": load_date, "load_id": staged[0]}
        for target in TARGETS.values():
            if target.name != "user_events":
                cursor.execute(
                    statement(
                        "replace_changes",
                        target=target.name,
                        staging=staging_table(target.name, load_date),
                        columns=sql.SQL(", ").join(map(sql.Identifier, target.copy_columns)),
                    ),
                    values,
                )
        cursor.execute(statement("publish_load"), values)
        # Last, because dropping the old partition locks out all readers of the events until the commit.
        cursor.execute(
            statement(
                "swap_events",
                staging=staging_table("user_events", load_date),
                partition=f"user_events_{load_date:%Y%m%d}",
                load_date=sql.Literal(load_date),
            )
        )
        connection.commit()
        return True


def reject_day(connection: Connection, load_date: datetime.date) -> bool:
    """Let go of what is staged for a day; what was published of it stays. Gives False when nothing is staged."""
    with day_lock(connection, load_date), connection.cursor() as cursor:
        cursor.execute(statement("reject_load"), {"load_date": load_date})
        rejected = cursor.rowcount > 0
        drop_staging(cursor, load_date)
        connection.commit()
        return rejected
