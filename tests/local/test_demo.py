"""`make demo`: what it shows."""

from datetime import date
from decimal import Decimal

import pytest

from local.demo import cell


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 3, 2), "2026-03-02"),
        (12345, "12,345"),
        (Decimal("12.5"), "12.5"),
        (None, "–"),  # DAU/MAU of a day between a sample and the company's first, on which nobody was active
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(value, shown):
    assert cell(value) == shown
