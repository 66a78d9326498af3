"""Exchange rates."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import WARNING, between, matches
from validation.suites.changes import keys


def expectations(days: Days) -> list[Expectation]:
    return [
        *keys(days, "currency", "quote_currency"),
        between("rate", "A rate is above zero", WARNING, at_least=0.0000000001),
        matches("currency", "^[A-Z]{3}$", "currency is an ISO 4217 code"),
        matches("quote_currency", "^[A-Z]{3}$", "quote_currency is an ISO 4217 code"),
    ]
