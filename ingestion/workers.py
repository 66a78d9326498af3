"""Processes that work on many days at once."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

MOST_WORKERS = 8  # each has a connection, and PostgreSQL works beside each


def worker_count(tasks: int, wanted: int | None = None) -> int:
    """How many processes for so many tasks: one for each CPU, if no number is wanted."""
    return min(wanted or os.cpu_count() or 1, MOST_WORKERS, tasks)


@contextmanager
def worker_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that end when this process ends, even when it is killed.

    After an interrupt, tasks that have begun are waited for, and no other task begins.
    """
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(os.getpid(),))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def _start(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork inherits the parent's handler, which is not for it
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)  # PostgreSQL rolls back what is half done
