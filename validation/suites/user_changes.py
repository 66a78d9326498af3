"""Change records of users. Nothing here looks into a personal column: results are read by everybody."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import WARNING, matches, no_rows
from validation.suites.changes import keys


def expectations(days: Days) -> list[Expectation]:
    return [
        *keys(days, "user_id"),
        matches("country", "^[A-Z]{2}$", "country is an ISO 3166-1 alpha-2 code"),
        matches("language", "^[a-z]{2}$", "language is an ISO 639-1 code"),
        no_rows("A user signed up before the record changed", "sign_ups_after_change", WARNING),
    ]
