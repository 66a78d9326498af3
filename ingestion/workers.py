"""Processes that work on many days, or on many parts of a large file, at once."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager

MOST_WORKERS = 8  # each has a connection, and PostgreSQL works beside each


def worker_count(tasks: int, wanted: int | None = None) -> int:
    """How many processes for so many tasks: one for each CPU, if no number is wanted."""
    return min(wanted or os.cpu_count() or 1, MOST_WORKERS, tasks)


def helper_count(most: int) -> int:
    """How many processes, that begin with all that this one has in memory, may take a part of its work.

    None where there is one CPU, where a process does not begin as a copy of another, and in a process of a pool: beside
    that there are others already, one for each CPU.
    """
    count = worker_count(most)
    return 0 if count < 2 or _is_worker or multiprocessing.get_start_method() != "fork" else count


@contextmanager
def worker_pool(workers: int, begin: Callable[[], None] | None = None) -> Iterator[ProcessPoolExecutor]:
    """A pool of processes that end when this process ends, even when it is killed.

    After an interrupt, tasks that have begun are waited for, and no other task begins.

    Args:
        begin: is called in each process before its first task.
    """
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(os.getpid(), begin))
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


_is_worker = False


def _start(parent: int, begin: Callable[[], None] | None) -> None:
    global _is_worker
    _is_worker = True
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's to handle
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # a fork inherits the parent's handler, which is not for it
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    if begin:
        begin()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)  # PostgreSQL rolls back what is half done
