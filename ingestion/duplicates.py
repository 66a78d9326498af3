"""Of rows that say the same thing within a load day, the first arrival is kept."""

import datetime

from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor

from ingestion.statements import statement
from ingestion.targets import CHANGES, ID, TARGETS, TEXT, Target, staging_table


def remove_duplicates(cursor: Cursor, load_date: datetime.date, targets: set[str]) -> dict[tuple[str, int], int]:
    """Keep the first arrival of each key among what is staged for a day.

    Gives the number removed, by target and file.
    """
    duplicates: dict[tuple[str, int], int] = {}
    for target in sorted(targets):
        table = staging_table(target, load_date)
        key = sql.SQL(", ").join(map(sql.Identifier, TARGETS[target].key))
        # The events' table holds this day only and is not analyzed yet. With this condition PostgreSQL would expect
        # very few rows of it.
        is_of_the_day = sql.SQL("load_date = %(load_date)s" if TARGETS[target] in CHANGES else "true")
        cursor.execute(
            statement("duplicates", staging=table, key=key, is_of_the_day=is_of_the_day), {"load_date": load_date}
        )
        duplicates |= {(target, file_no): number for file_no, number in cursor.fetchall()}
    return duplicates


def remove_unchanged(
    cursor: Cursor, load_date: datetime.date, target: Target, file_numbers: list[int]
) -> dict[tuple[str, int], int]:
    """Of the rows derived from these files keep the first and the last of each run of equal states of a thing.

    Gives the number removed, by target and file.
    """
    state = [column for column in target.columns if column not in (target.moment, *target.key)]
    things = [column for column in target.key if target.columns[column] in (ID, TEXT)]
    names = {
        "staging": staging_table(target.name, load_date),
        "state": sql.SQL(", ").join(map(sql.Identifier, state)),
        "thing": sql.SQL(", ").join(map(sql.Identifier, things)),
        "moment": sql.Identifier(target.moment),
    }
    cursor.execute(statement("unchanged", **names), {"load_date": load_date, "file_numbers": file_numbers})
    return {(target.name, file_no): number for file_no, number in cursor.fetchall()}
