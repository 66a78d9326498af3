"""Change records of products."""

from great_expectations.expectations.expectation import Expectation

from validation.days import Days
from validation.expectations import WARNING, between, matches, no_rows
from validation.suites.changes import keys


def expectations(days: Days) -> list[Expectation]:
    return [
        *keys(days, "product_id"),
        between("price", "A price is not negative", WARNING, at_least=0),
        matches("currency", "^[A-Z]{3}$", "currency is an ISO 4217 code"),
        no_rows(
            "Products refer to a known creator_id",
            "unknown_references",
            WARNING,
            share=0.01,
            **days.known("creator_changes", "creator_id"),
        ),
    ]
