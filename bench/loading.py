"""How fast a day gets from gzip NDJSON into raw, beside a plain `\\copy` of the same typed rows.

`python -m bench.loading` starts a throwaway server with the settings of the real one, and removes it.
"""

import argparse
import datetime
import multiprocessing
import os
import resource
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from upath import UPath

from data_generator.service import generate_day
from ingestion.service import load_day, publish_day
from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server, binaries, free_port

DAY = datetime.date(2026, 3, 2)  # the company's second day: the first also lands all users that exist already


@dataclass(frozen=True)
class Result:
    """Medians, in seconds; `peak_mebibytes` is the resident memory of this process, `loaded` counts event rows."""

    lines: int
    loaded: int
    landed_bytes: int
    load_seconds: float
    publish_seconds: float
    copy_seconds: float
    peak_mebibytes: float

    @property
    def events_per_second(self) -> float:
        return self.lines / (self.load_seconds + self.publish_seconds)

    @property
    def copied_per_second(self) -> float:
        return self.loaded / self.copy_seconds

    def __str__(self) -> str:
        return (
            f"{self.lines:,} events, {self.landed_bytes / 1024**2:.1f} MiB as landed\n"
            f"landing to published partition: {self.load_seconds:.2f} s + {self.publish_seconds:.3f} s to publish"
            f" = {self.events_per_second:,.0f} events/s, {self.peak_mebibytes:.0f} MiB at most\n"
            f"\\copy of the {self.loaded:,} typed rows: {self.copy_seconds:.2f} s"
            f" = {self.copied_per_second:,.0f} rows/s"
        )


def measure(*, scale: float = 300, repeats: int = 3, seed: int = 1) -> Result:
    """Load one day of the synthetic company `repeats` times; `scale` 1000 is about a million events."""
    with throwaway_warehouse() as (folder, warehouse):
        return _measure(folder, warehouse, scale, repeats, seed)


@contextmanager
def throwaway_warehouse() -> Iterator[tuple[Path, Warehouse]]:
    """A temporary folder, and an empty warehouse on a server of its own; both are removed at the end."""
    with tempfile.TemporaryDirectory(prefix="engagement-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # the server may run as another user
        server = Server(home=folder / "postgres", port=free_port())
        try:
            server.start()
            yield folder, _warehouse(server)
        finally:
            server.remove()


def _measure(folder: Path, warehouse: Warehouse, scale: float, repeats: int, seed: int) -> Result:
    landing = UPath(folder / "landing")
    # In a process of its own, so that its memory is not part of the measurement.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        pool.submit(generate_day, landing, DAY, seed=seed, scale=scale, start=DAY - datetime.timedelta(days=1)).result()
    loads, publications, copies = [], [], []
    rows = folder / "rows"
    with closing(warehouse.connect("loader")) as connection:
        for _ in range(repeats):
            start = time.perf_counter()
            loaded = load_day(connection, landing, DAY, force=True)
            staged = time.perf_counter()
            publish_day(connection, DAY)
            loads.append(staged - start)
            publications.append(time.perf_counter() - staged)
        with rows.open("wb") as stream, connection.cursor() as cursor:
            cursor.copy_expert("copy (select * from raw.user_events) to stdout", stream)
            connection.commit()
        for _ in range(repeats):
            with connection, connection.cursor() as cursor:
                cursor.execute("drop table if exists raw.plain; create table raw.plain (like raw.user_events)")
            copies.append(_timed(lambda: _psql(warehouse, rf"\copy raw.plain from '{rows}'")))
    events = [file for file in loaded.files if file.target == "user_events"]
    return Result(
        lines=sum(file.lines_read for file in events),
        loaded=sum(file.loaded for file in events),
        landed_bytes=sum(file.bytes_read for file in events),
        load_seconds=statistics.median(loads),
        publish_seconds=statistics.median(publications),
        copy_seconds=statistics.median(copies),
        peak_mebibytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


def _warehouse(server: Server) -> Warehouse:
    warehouse = Warehouse("127.0.0.1", server.port, "bench", dict.fromkeys(ROLES, server.password))
    with closing(server.connect()) as superuser:
        create(superuser, warehouse)
    return warehouse


def _psql(warehouse: Warehouse, command: str) -> None:
    address = f"host={warehouse.host} port={warehouse.port} dbname={warehouse.database} user=loader"
    subprocess.run(
        [binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={command}", address],
        env={**os.environ, "PGPASSWORD": warehouse.passwords["loader"]},
        check=True,
    )


def _timed(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m bench.loading", description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=300, help="1000: about a million events (default: 300)")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    print(measure(scale=chosen.scale, repeats=chosen.repeats))
