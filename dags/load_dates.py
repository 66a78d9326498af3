"""Which load days a run of `engagement_daily` is for."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

MOST_DAYS = 3660


def load_dates(context: Mapping[str, Any]) -> list[date]:
    """The load days of the run of this task context: those from `start` to `end`, else that of its data interval.

    Raises `AirflowFailException`, which is not tried again, when `start` and `end` make no sense.
    """
    run, parameters = context["dag_run"], context["params"]
    # A run without a data interval (triggered without a logical date) takes the last day that was over.
    own = run.data_interval_start.date() if run.data_interval_start else run.run_after.date() - timedelta(days=1)
    return days_between(parameters.get("start"), parameters.get("end"), own=own, today=run.run_after.date())


def days_between(start: str | None, end: str | None, *, own: date, today: date) -> list[date]:
    """The days from `start` to `end`, both inclusive ISO dates; `own` alone when both are empty.

    Raises `AirflowFailException` for no date, a wrong order, a day after `today`, or more than ten years.
    """
    if not start and not end:
        return [own]
    first, last = _date("start", start or end), _date("end", end or start)
    if first > last:
        raise AirflowFailException(f"start {first} is after end {last}. Remedy: trigger again with start <= end.")
    if last > today:
        raise AirflowFailException(f"end {last} is in the future. Remedy: trigger again with end <= {today}.")
    if (last - first).days >= MOST_DAYS:
        raise AirflowFailException(f"{first} to {last} is more than {MOST_DAYS} days. Remedy: trigger it in parts.")
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _date(name: str, value: str | None) -> date:
    try:
        return datetime.strptime(value or "", "%Y-%m-%d").date()  # noqa: DTZ007 (a date has no zone)
    except ValueError as error:
        raise AirflowFailException(f"{name} is {value!r}, not a date such as 2026-01-31.") from error
