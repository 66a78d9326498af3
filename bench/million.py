"""One large day from landing to marts: seconds, and the memory that it takes on top of the idle stack."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta

import psutil

from bench.road import Road, days_from, throwaway_road

DAY = date(2026, 3, 1)
SCALE = 1600  # about a million events on the company's third day


@dataclass(frozen=True)
class LargeDay:
    """`peak_mebibytes` is private memory: ours, and that of PostgreSQL's processes; shared buffers apart."""

    scale: float
    events: int
    landed_bytes: int
    seconds: dict[str, float]
    peak_mebibytes: float
    slowest: list[tuple[str, float]]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def measure(say: Callable[[str], None], *, scale: float = SCALE, before: int = 2) -> LargeDay:
    """Build one day upon `before` days of the same size."""
    start = DAY - timedelta(days=before)
    with throwaway_road(start=start, scale=scale) as road:
        history = days_from(start, before)
        road.land([*history, DAY])
        road.publish(history)
        road.build(history, "--full-refresh")
        with peak_memory(road) as peak:
            cost = road.one_day(DAY)
        lines = "select sum({}) from ops.file_load where load_date = %s and target = 'user_events'"
        large = LargeDay(
            scale,
            int(road.ask(lines.format("lines_read"), DAY)),
            int(road.ask(lines.format("bytes"), DAY)),
            cost.seconds,
            peak.bytes / 1024**2,
            road.slowest_models(),
        )
    say(f"{large.events:,} events in a day: {large.total:.1f} s, {large.peak_mebibytes:,.0f} MiB at most")
    return large


@dataclass
class Peak:
    """The greatest sum that was seen, in bytes, above the one at the beginning."""

    bytes: int = 0


@contextmanager
def peak_memory(road: Road, *, every: float = 0.25) -> Iterator[Peak]:
    """Look at the private memory of this process and of PostgreSQL's, every so many seconds, while the block runs.

    A look reads all processes of the machine: many of them would slow down what is measured.
    """
    peak, ended = Peak(), threading.Event()
    postmaster = psutil.Process(int((road.server.data / "postmaster.pid").read_text().split()[0]))
    idle = private_bytes(postmaster)

    def watch() -> None:
        while not ended.wait(every):
            peak.bytes = max(peak.bytes, private_bytes(postmaster) - idle)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        ended.set()
        watcher.join()


def private_bytes(postmaster: psutil.Process) -> int:
    """Private resident memory, in bytes, of this process and of the server's processes, without shared buffers."""
    total = 0
    for process in (psutil.Process(os.getpid()), postmaster, *postmaster.children()):
        with suppress(psutil.NoSuchProcess):
            memory = process.memory_info()
            total += memory.rss - memory.shared
    return total
