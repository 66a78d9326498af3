"""Which days a run is for, and what is refused."""

import argparse
from datetime import date

import pytest

from ingestion.days import a_day, days_between

OWN, TODAY = date(2026, 1, 30), date(2026, 1, 31)


def days(start: str | None, end: str | None) -> list[date]:
    return days_between(start, end, own=OWN, today=TODAY)


def test_without_a_range_it_is_the_day_of_the_interval():
    assert days(None, None) == [OWN]


def test_a_range_has_both_ends():
    assert days("2025-12-31", "2026-01-02") == [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)]


@pytest.mark.parametrize(("start", "end"), [("2026-01-05", None), (None, "2026-01-05"), ("2026-01-05", "2026-01-05")])
def test_one_end_alone_is_one_day(start, end):
    assert days(start, end) == [date(2026, 1, 5)]


@pytest.mark.parametrize(
    ("start", "end", "message"),
    [
        ("2026-01-05", "2026-01-04", "start 2026-01-05 is after end 2026-01-04"),
        ("2026-01-05", "2026-02-01", "is in the future(.|\n)*2026-01-31"),
        ("2010-01-01", "2026-01-01", "more than 3660 days"),
        ("yesterday", "2026-01-01", "start is 'yesterday'"),
        ("2026-01-01", "2026-02-30", "end is '2026-02-30'"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(start, end, message):
    with pytest.raises(ValueError, match=message):
        days(start, end)


def test_what_is_no_day_is_named():
    assert str(a_day("2026-03-01")) == "2026-03-01"
    with pytest.raises(argparse.ArgumentTypeError, match="'2026-13-01' is no day; write one such as 2026-03-01"):
        a_day("2026-13-01")
