"""Of rows that say the same thing within a load day, the first arrival is kept."""

import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from ingestion.statements import statement
from ingestion.targets import CHANGES, TARGETS, staging_table


def remove_duplicates(cursor: Cursor, load_date: datetime.date, targets: set[str]) -> dict[int, int]:
    """Keep the first arrival of each key among what is staged for a day. Gives the number removed by file_no."""
    duplicates: dict[int, int] = {}
    for target in sorted(targets):
        table = staging_table(target, load_date)
        key = sql.SQL(", ").join(map(sql.Identifier, TARGETS[target].key))
        # The events' table holds this day only and is not analyzed yet. With this condition PostgreSQL would expect
        # very few rows of it.
        is_of_the_day = sql.SQL("load_date = %(load_date)s" if TARGETS[target] in CHANGES else "true")
        cursor.execute(
            statement("duplicates", staging=table, key=key, is_of_the_day=is_of_the_day), {"load_date": load_date}
        )
        duplicates.update(cursor.fetchall())
    return duplicates
