"""How fast the company's time goes: its days come when they are over, or in time-lapse."""

import os
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

from airflow.sdk import PokeReturnValue, task
from airflow.sdk.exceptions import AirflowFailException

from ingestion.warehouse import Warehouse


def tick() -> timedelta | None:
    """From one day of the company to the next in time-lapse, by `TIMELAPSE_FACTOR`; None when that is off.

    Raises `ValueError`, which Airflow shows as an import error, for a factor that is out of range.
    """
    factor = float(os.environ.get("TIMELAPSE_FACTOR") or 0)
    if factor != 0 and not 1 <= factor <= 86_400:
        raise ValueError(f"TIMELAPSE_FACTOR={factor:g} is not from 1 to 86400. Remedy: correct it; 0 is off.")
    return timedelta(days=1) / factor if factor else None


@task.sensor(mode="reschedule", poke_interval=300)
def next_day() -> PokeReturnValue:
    """The company's first day that is not in the marts, as an ISO date; waits when that day is not over yet."""
    from ingestion.service import first_unbuilt_day

    start = os.environ.get("GENERATOR_START")
    if not start or os.environ.get("GENERATE", "true").lower() != "true":
        raise AirflowFailException(
            "Time-lapse replays the synthetic company: it needs GENERATE=true and GENERATOR_START, the first day.\n"
            "Remedy: set them, or TIMELAPSE_FACTOR=0; `make timelapse` sets what it needs."
        )
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with closing(Warehouse.from_environment(os.environ).connect()) as connection:
        day = first_unbuilt_day(connection, date.fromisoformat(start), yesterday)
    print(f"the next day is {day}" if day else f"all days from {start} to {yesterday} are in the marts: waiting")
    return PokeReturnValue(is_done=day is not None, xcom_value=str(day))
