"""What all suites of change records have in common."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import CRITICAL, no_rows, possible


def keys(days: Days, *columns: str) -> list[Expectation]:
    """The key, its time and its operation are sound, and each (source, key, changed_at) is there once."""
    key = ", ".join(columns)
    return [
        no_rows(
            f"Every record has its source, {key} and changed_at, and its op is upsert or delete",
            "unsound_changes",
            CRITICAL,
            key=key,
        ),
        possible("changed_at", days),
        no_rows(f"No two records of one {key} have the same changed_at", "duplicate_changes", CRITICAL, key=key),
    ]
