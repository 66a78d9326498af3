"""Which load days a run of `engagement_daily` is for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

MOST_DAYS = 3660


def load_dates(context: Mapping[str, Any]) -> list[date]:
    """The load days of the run of this task context: those from `start` to `end`, else that of its data interval.

    None when the run is to rebuild what is published, and no day was named.
    Raises `AirflowFailException`, which is not tried again, when `start` and `end` make no sense.
    """
    from airflow.sdk.exceptions import AirflowFailException

    run, parameters = context["dag_run"], context["params"]
    start, end = parameters.get("start"), parameters.get("end")
    if not start and not end and parameters.get("rebuild"):
        return []
    # A run without a data interval (triggered without a logical date) takes the last day that was over.
    own = run.data_interval_start.date() if run.data_interval_start else run.run_after.date() - timedelta(days=1)
    try:
        return days_between(start, end, own=own, today=run.run_after.date())
    except ValueError as error:
        raise AirflowFailException(str(error)) from error


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
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _date(name: str, value: str | None) -> date:
    try:
        return datetime.strptime(value or "", "%Y-%m-%d").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError as error:
        raise ValueError(f"{name} is {value!r}.\nRemedy: write a date such as 2026-01-31.") from error
