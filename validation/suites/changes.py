"""What all four suites of change records have in common."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import CRITICAL, in_set, no_rows, not_null, possible


def keys(days: Days, key: str) -> list[Expectation]:
    """The key, its time and its operation are sound, and each (source, `key`, changed_at) is there once."""
    return [
        not_null("source"),
        not_null(key),
        not_null("changed_at"),
        not_null("op"),
        in_set("op", ["upsert", "delete"], CRITICAL),
        possible("changed_at", days),
        no_rows(f"No two records of one {key} have the same changed_at", "duplicate_changes", CRITICAL, key=key),
    ]
