"""Loads many days at once, in several processes."""

import datetime
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial

from psycopg2.extensions import connection as Connection
from upath import UPath

from ingestion.contracts import Contract, load_contracts
from ingestion.errors import LoadError
from ingestion.loading import DayLoad, load_day
from ingestion.warehouse import Warehouse

MOST_WORKERS = 8  # each has a connection, and PostgreSQL works beside each
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
    workers = min(workers or os.cpu_count() or 1, MOST_WORKERS, len(load_dates))
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
    pool = ProcessPoolExecutor(workers, initializer=_start_worker, initargs=(warehouse, os.getpid()))
    try:
        yield from pool.map(partial(_in_worker, attempt), load_dates)
    finally:
        # Interrupted, we wait for the days that are being loaded, and for no others.
        pool.shutdown(cancel_futures=True)


@dataclass
class _Worker:
    """A worker process, which connects by itself and ends with its parent, however that ends."""

    warehouse: Warehouse
    connection: Connection | None = None

    def connected(self) -> Connection:
        if self.connection is None or self.connection.closed:
            self.connection = self.warehouse.connect("loader")
        return self.connection


_worker: _Worker


def _start_worker(warehouse: Warehouse, parent: int) -> None:
    global _worker
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # not by the parent's handler, which a fork has, too
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    _worker = _Worker(warehouse)


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)  # PostgreSQL rolls back what is half done


def _in_worker(attempt: Attempt, load_date: datetime.date) -> DayLoad | str:
    return attempt(_worker.connected(), load_date)
