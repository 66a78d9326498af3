"""Events of one load day."""

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from validation.expectations import CRITICAL, WARNING, between, in_set, matches, no_rows, not_null
from validation.suites import Day

JUMP = 3  # times more, or fewer, rows than the days before
UNKNOWN_SHARE = 0.01  # of the rows that refer to something: its change record may have been held back
QUARANTINED_SHARE = 0.10


def expectations(day: Day) -> list[Expectation]:
    """A load is published when all critical ones hold; they look at nothing but the day's own files."""
    return [
        gxe.ExpectTableRowCountToBeBetween(
            min_value=1 if day.due_sources else 0,
            description="The day has events" if day.due_sources else "No source owes events on this day",
            severity=CRITICAL,
        ),
        gxe.ExpectColumnDistinctValuesToContainSet(
            column="source",
            value_set=sorted(day.due_sources),
            description=f"Events came from every source that owes them daily ({', '.join(day.due_sources) or 'none'})",
            severity=CRITICAL,
        ),
        *(not_null(column) for column in ("source", "event_id", "actor_id", "event_type", "event_ts")),
        in_set("load_date", [day.load_date.isoformat()], CRITICAL),
        in_set("event_type", list(day.event_types), CRITICAL),
        between(
            "event_ts",
            f"event_ts lies between {day.earliest} and the day after the load",
            CRITICAL,
            at_least=day.beginning,
            below=day.horizon,
        ),
        no_rows("No event_id of a source occurs twice", "duplicate_events", CRITICAL),
        no_rows("actor_id is the user_id, else the anonymous_id", "wrong_actors", CRITICAL),
        between("duration_seconds", "A duration is not negative and under a day", WARNING, at_least=0, at_most=86400),
        between("amount", "An amount is not negative and under 100,000", WARNING, at_least=0, at_most=100_000),
        in_set("platform", ["web", "ios", "android"], WARNING),
        matches("currency", "^[A-Z]{3}$", "currency is an ISO 4217 code"),
        no_rows("An amount comes with its currency", "amounts_without_currency", WARNING),
        no_rows(
            f"At most {QUARANTINED_SHARE:.0%} of a file's lines were held back",
            "quarantined_files",
            WARNING,
            load_id=day.load_id,
            share=QUARANTINED_SHARE,
        ),
        no_rows(
            f"A source's row count is within {JUMP} times of its days before",
            "volume_jumps",
            WARNING,
            load_date=day.load_date,
            factor=JUMP,
        ),
        *(
            no_rows(
                f"Events refer to a known {key}",
                "unknown_references",
                WARNING,
                share=UNKNOWN_SHARE,
                **day.known(target, key),
            )
            for target, key in (
                ("user_changes", "user_id"),
                ("content_changes", "content_id"),
                ("product_changes", "product_id"),
            )
        ),
    ]
