"""What all suites of change records have in common."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import CRITICAL, in_set, no_rows, not_null, possible


def keys(days: Days, *columns: str) -> list[Expectation]:
    """The key, its time and its operation are sound, and each (source, key, changed_at) is there once."""
    key = ", ".join(columns)
    return [
        not_null("source"),
        *map(not_null, columns),
        not_null("changed_at"),
        not_null("op"),
        in_set("op", ["upsert", "delete"], CRITICAL),
        possible("changed_at", days),
        no_rows(f"No two records of one {key} have the same changed_at", "duplicate_changes", CRITICAL, key=key),
    ]
