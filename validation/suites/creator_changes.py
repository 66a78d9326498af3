"""Change records of creators."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import WARNING, matches, no_rows
from validation.suites.changes import keys


def expectations(days: Days) -> list[Expectation]:
    return [
        *keys(days, "creator_id"),
        matches("country", "^[A-Z]{2}$", "country is an ISO 3166-1 alpha-2 code"),
        no_rows("A creator has a name", "creators_without_name", WARNING),
    ]
