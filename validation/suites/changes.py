"""What all four suites of change records have in common."""

from great_expectations.expectations.expectation import Expectation

from validation.expectations import CRITICAL, between, in_set, no_rows, not_null
from validation.suites import Day


def keys(day: Day, key: str) -> list[Expectation]:
    """The key, its time and its operation are sound, and each (source, `key`, changed_at) is there once."""
    return [
        not_null("source"),
        not_null(key),
        not_null("changed_at"),
        not_null("op"),
        in_set("load_date", [day.load_date.isoformat()], CRITICAL),
        in_set("op", ["upsert", "delete"], CRITICAL),
        between(
            "changed_at",
            f"changed_at lies between {day.earliest} and the day after the load",
            CRITICAL,
            at_least=day.beginning,
            below=day.horizon,
        ),
        no_rows(f"No two records of one {key} have the same changed_at", "duplicate_changes", CRITICAL, key=key),
    ]
