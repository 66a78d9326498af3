"""Ranges of load days."""

import argparse
from datetime import date, datetime, timedelta

MOST_DAYS = 3660


def days_of(first: date, last: date) -> list[date]:
    """The days from `first` to `last`, both inclusive; none where `last` is earlier."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def days_between(start: str | None, end: str | None, *, own: date, today: date) -> list[date]:
    """The days from `start` to `end`, both inclusive ISO dates; `own` alone when both are empty.

    Raises `ValueError` for no date, a wrong order, a day after `today`, or more than ten years.
    """
    if not start and not end:
        return [own]
    first, last = _date("start", start or end), _date("end", end or start)
    if first > last:
        raise ValueError(f"start {first} is after end {last}.\nRemedy: exchange them.")
    if last > today:
        raise ValueError(f"end {last} is in the future.\nRemedy: end with {today} at the latest.")
    if (last - first).days >= MOST_DAYS:
        raise ValueError(f"{first} to {last} is more than {MOST_DAYS} days.\nRemedy: run it in parts.")
    return days_of(first, last)


def _date(name: str, value: str | None) -> date:
    try:
        return datetime.strptime(value or "", "%Y-%m-%d").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError as error:
        raise ValueError(f"{name} is {value!r}.\nRemedy: write a date such as 2026-01-31.") from error


def add_days(verb: argparse.ArgumentParser) -> None:
    """The options by which a verb is told days; `days_asked_for` reads them."""
    verb.add_argument("--date", type=a_day, help="only this day", metavar="YYYY-MM-DD")
    verb.add_argument("--days", type=_range, help="only these days, both included", metavar="YYYY-MM-DD..YYYY-MM-DD")


def days_asked_for(options: argparse.Namespace) -> tuple[date | None, date | None]:
    """The range that --days or --date asks for; (None, None) for all days."""
    return options.days or (options.date, options.date)


def a_day(text: str) -> date:
    """A day as an option names it. Raises `argparse.ArgumentTypeError`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write one such as 2026-03-01") from None


def _range(text: str) -> tuple[date, date]:
    """A range of days, written with two dots. Raises `argparse.ArgumentTypeError`."""
    try:
        first, last = map(date.fromisoformat, text.split(".."))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no range of days; write 2026-03-01..2026-03-31") from None
    if first > last:
        raise argparse.ArgumentTypeError(f"{first} is after {last}; exchange them")
    return first, last
