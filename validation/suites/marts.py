"""What analysts read, after a build. Critical: a green run means that its days are in the marts, and right."""

from dataclasses import dataclass
from datetime import date

import great_expectations.expectations as gxe
from great_expectations.expectations.expectation import Expectation

from validation.expectations import CRITICAL, WARNING, between, no_rows, not_null

MART = "select * from marts.mart_engagement"
COUNTS = ("dau", "wau", "mau", "daily_active_learners", "content_completions", "sessions", "dach_active_users_30d")
UNKNOWN_SHARE = 0.01
# Of the first column there cannot be more than of the second.
PARTS = (
    ("dau", "wau"),
    ("wau", "mau"),
    ("daily_active_learners", "dau"),
    ("dach_active_users_30d", "mau"),
)


@dataclass(frozen=True)
class Build:
    """A build and its load days, without those that were published again while it ran."""

    build_id: int
    load_dates: tuple[date, ...]

    @property
    def days(self) -> str:
        """The load days as a list of SQL literals, from which the planner can choose partitions."""
        return ", ".join(f"'{day}'" for day in self.load_dates) or "null"


def expectations(build: Build) -> list[Expectation]:
    return [
        not_null("activity_date"),
        gxe.ExpectColumnValuesToBeUnique(column="activity_date", description="Every day is one row", severity=CRITICAL),
        no_rows("No day is missing between the first and the last", "missing_days", CRITICAL),
        no_rows(
            "The marts reach to the last event of the days that were built", "late_marts", CRITICAL, days=build.days
        ),
        *(not_null(column) for column in COUNTS),
        *(between(column, f"{column} is not negative", CRITICAL, at_least=0) for column in COUNTS),
        *(
            gxe.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=whole,
                column_B=part,
                or_equal=True,
                description=f"{part} is at most {whole}",
                severity=CRITICAL,
            )
            for part, whole in PARTS
        ),
        between("stickiness", "stickiness is a share", CRITICAL, at_least=0, at_most=1),
        no_rows(
            "No day has more active users than people who sent events", "too_many_users", CRITICAL, days=build.days
        ),
        no_rows(
            "Every loaded event is a fact, here or from an earlier arrival", "lost_events", CRITICAL, days=build.days
        ),
        no_rows("Every fact of these days was loaded", "ghost_facts", CRITICAL, days=build.days),
        no_rows("No event of these days is a fact twice", "repeated_facts", CRITICAL, days=build.days),
        no_rows(
            f"All but {UNKNOWN_SHARE:.0%} of the facts know their user",
            "facts_of_unknown_users",
            WARNING,
            days=build.days,
            share=UNKNOWN_SHARE,
        ),
    ]
