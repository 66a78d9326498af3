"""Loads many days at once, in several processes."""

import datetime
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial

from psycopg2.extensions import connection as Connection
from upath import UPath

from ingestion.contract_yaml import load_contracts
from ingestion.contracts import Contract
from ingestion.errors import LoadError
from ingestion.loading import DayLoad, load_day
from ingestion.warehouse import Warehouse
from ingestion.workers import worker_count, worker_pool

SHOWN = 20  # errors that are told in full

Attempt = Callable[[Connection, datetime.date], DayLoad | str]


def load_days(
    warehouse: Warehouse,
    landing: UPath,
    load_dates: Sequence[datetime.date],
    *,
    contracts: list[Contract] | None = None,
    run_id: str | None = None,
    force: bool = False,
    workers: int | None = None,
) -> Iterator[DayLoad]:
    """Load days as `load_day` does, and yield what became of each, in their order.

    Args:
        workers: processes, one for each CPU by default; 1 is this process.

    A day that cannot be loaded does not keep the others from it: `LoadError` is raised after the last, and names what
    is wrong with each. Anything else, such as a lost database, is raised at once.
    """
    contracts = load_contracts() if contracts is None else contracts
    attempt = partial(_attempt, landing=UPath(landing), contracts=contracts, run_id=run_id, force=force)
    workers = worker_count(len(load_dates), workers)
    outcomes = (
        _in_turn(warehouse, attempt, load_dates)
        if workers <= 1
        else _in_workers(warehouse, attempt, load_dates, workers)
    )
    refused: list[str] = []
    for outcome in outcomes:
        if isinstance(outcome, DayLoad):
            yield outcome
        else:
            refused.append(outcome)
    if refused and len(load_dates) == 1:
        raise LoadError(refused[0])
    if refused:
        head = f"{len(refused)} of {len(load_dates)} days cannot be loaded; the others are loaded."
        more = [f"… and {len(refused) - SHOWN} more."] if len(refused) > SHOWN else []
        raise LoadError("\n".join([head, *refused[:SHOWN], *more]))


def _attempt(connection: Connection, load_date: datetime.date, **options: object) -> DayLoad | str:
    """What became of the day, or why it cannot be loaded."""
    try:
        return load_day(connection, load_date=load_date, **options)
    except LoadError as error:
        return str(error)


def _in_turn(warehouse: Warehouse, attempt: Attempt, load_dates: Sequence[datetime.date]) -> Iterator[DayLoad | str]:
    with closing(warehouse.connect("loader")) as connection:
        yield from (attempt(connection, load_date) for load_date in load_dates)


def _in_workers(
    warehouse: Warehouse, attempt: Attempt, load_dates: Sequence[datetime.date], workers: int
) -> Iterator[DayLoad | str]:
    with worker_pool(workers) as pool:
        yield from pool.map(partial(_in_worker, warehouse, attempt), load_dates)


_connection: Connection | None = None  # a worker's own


def _in_worker(warehouse: Warehouse, attempt: Attempt, load_date: datetime.date) -> DayLoad | str:
    global _connection
    if _connection is None or _connection.closed:
        _connection = warehouse.connect("loader")
    return attempt(_connection, load_date)
