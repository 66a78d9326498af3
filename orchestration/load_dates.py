"""Which load days a run of `engagement_daily` is for."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from ingestion.days import days_between


def load_dates(context: Mapping[str, Any]) -> list[date]:
    """The load days of the run of this task context: those from `start` to `end`, else that of its data interval.

    An empty list when the run is to rebuild what is published and no day was named.
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
