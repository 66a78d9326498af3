"""The road from landing to marts by the functions that the DAG calls, in one process, on a throwaway server."""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest
from psycopg2 import sql
from psycopg2.extensions import cursor as Cursor
from upath import UPath

from data_generator.service import generate
from ingestion import service
from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server, free_port
from validation.service import audit_days, audit_marts

DBT = Path(__file__).resolve().parent.parent / "dbt"
HOLDER = "bench"
_manifests: dict[str, Manifest] = {}  # what dbt has read of the project, by the name of the warehouse, which is in it

# Blocks that client backends and their parallel workers looked at; what autovacuum does beside them is not the day's.
BUFFERS = """
select coalesce(sum(hits + read_bytes / 8192), 0)::bigint
from pg_stat_io
where backend_type in ('client backend', 'background worker')
"""


@dataclass(frozen=True)
class Cost:
    """What a day took: seconds by step, and shared buffers (8 KiB blocks looked at) in all."""

    seconds: dict[str, float]
    buffers: int

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


@dataclass
class Road:
    """A company and a warehouse. `folder` holds its landing area and dbt's target."""

    server: Server
    warehouse: Warehouse
    folder: Path
    start: date
    scale: float = 1
    seed: int = 1

    @property
    def landing(self) -> UPath:
        return UPath(self.folder / "landing")

    def land(self, days: Sequence[date]) -> None:
        """Let the company land these days; those that lie there already are left alone."""
        for first, last in _ranges(days):
            generate(self.landing, first, last, seed=self.seed, scale=self.scale, start=self.start)

    def publish(self, days: Sequence[date], *, audit: bool = False) -> dict[str, float]:
        """Load and publish days that have landed. Gives the seconds of each step."""
        seconds: dict[str, float] = {}
        with timed(seconds, "load"):
            list(service.load_days(self.warehouse, self.landing, days))
        if audit:
            with timed(seconds, "audit"):
                failed = [str(report) for report in audit_days(self.warehouse, days) if not report.success]
            if failed:
                raise RuntimeError(f"the audit failed: {failed[0]}")
        with timed(seconds, "publish"), closing(self.warehouse.connect("loader")) as connection:
            list(service.publish_days(connection, days))
        return seconds

    def build(self, days: Sequence[date], *arguments: str) -> dict[str, float]:
        """Claim the days, build what is claimed, audit the marts, finish. Gives the seconds of each step."""
        seconds: dict[str, float] = {}
        with closing(self.warehouse.connect("loader")) as connection:
            with timed(seconds, "claim"):
                claimed = service.claim(connection, HOLDER, days)
            with timed(seconds, "dbt"):
                self.dbt("build", *arguments)
            with timed(seconds, "audit of the marts"):
                audited = audit_marts(self.warehouse, claimed.build_id)
            if not audited.success:
                raise RuntimeError(f"the audit of the marts failed: {audited}")
            with timed(seconds, "finish"):
                service.finish(connection, claimed)
        return seconds

    def build_only(self, days: Sequence[date], *selected: str) -> None:
        """Claim the days, and build these models anew, without tests."""
        with closing(self.warehouse.connect("loader")) as connection:
            claimed = service.claim(connection, HOLDER, days)
            self.dbt("build", "--full-refresh", "--exclude-resource-type", "test", "--select", *selected)
            service.finish(connection, claimed)

    def one_day(self, day: date) -> Cost:
        """Load, audit, publish and build one day that has landed. Views stand, as they do since the deploy."""
        before = self.ask(BUFFERS)
        seconds = self.publish([day], audit=True) | self.build([day], "--exclude", "config.materialized:view")
        return Cost(seconds, self.ask(BUFFERS) - before)

    def dbt(self, verb: str, *arguments: str) -> None:
        """dbt in this process, which reads the project once for all warehouses of the same name. Without unit tests."""
        os.environ.update(self.warehouse.environment())
        options = [
            *("--project-dir", str(DBT), "--profiles-dir", str(DBT)),
            *("--target-path", str(self.folder / "target"), "--log-path", str(self.folder / "logs")),
            *("--log-level", "none", "--log-level-file", "none", "--no-write-json"),
        ]
        name = self.warehouse.database
        if name not in _manifests:
            _manifests[name] = dbtRunner().invoke(["parse", *options]).result
        if verb == "parse":
            return
        done = dbtRunner(manifest=_manifests[name]).invoke(
            [verb, "--exclude-resource-type", "unit_test", *arguments, *options]
        )
        if not done.success:
            bad = [
                f"{result.node.name}: {result.message}"
                for result in done.result or []
                if result.status in ("error", "fail")
            ]
            raise RuntimeError(f"dbt {verb} failed: {done.exception or '; '.join(bad)[:2000]}")

    def ask(self, query: str, *values: object) -> object:
        """The one value that a query gives the superuser."""
        with closing(self.server.connect(self.warehouse.database)) as connection, connection.cursor() as cursor:
            cursor.execute(query, values or None)
            return cursor.fetchone()[0]

    def slowest_models(self, count: int = 8) -> list[tuple[str, float]]:
        """Names and seconds of the nodes that took longest in dbt's last call."""
        with closing(self.server.connect(self.warehouse.database)) as connection, connection.cursor() as cursor:
            cursor.execute(
                "select name, seconds::float from ops.model_run where invocation_id = ("
                "select invocation_id from ops.model_run order by finished_at desc limit 1"
                ") order by seconds desc limit %s",
                [count],
            )
            return cursor.fetchall()

    @contextmanager
    def copy(self, name: str) -> Iterator["Road"]:
        """The same warehouse once more, to be changed and dropped."""
        copied, original = sql.Identifier(name), sql.Identifier(self.warehouse.database)
        self._outside(sql.SQL("create database {} template {} strategy file_copy").format(copied, original))
        try:
            yield replace(self, warehouse=replace(self.warehouse, database=name))
        finally:
            self._outside(sql.SQL("drop database {} with (force)").format(copied))

    def _outside(self, command: sql.Composed) -> None:
        with closing(self.server.connect()) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(command)


@contextmanager
def throwaway_road(*, start: date, scale: float = 1, seed: int = 1) -> Iterator[Road]:
    """An empty warehouse on a server of its own, with the settings of the real one; removed at the end."""
    with tempfile.TemporaryDirectory(prefix="engagement-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)  # the server may run as another user
        server = Server(home=folder / "postgres", port=free_port())
        try:
            server.start()
            yield Road(server, new_warehouse(server, "bench"), folder, start, scale, seed)
        finally:
            server.remove()


def new_warehouse(server: Server, name: str) -> Warehouse:
    """An empty warehouse with its roles and tables."""
    warehouse = Warehouse("127.0.0.1", server.port, name, {role: f"{role}-bench" for role in ROLES})
    with closing(server.connect()) as superuser:
        create(superuser, warehouse)
    return warehouse


@contextmanager
def timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    """Add what the block takes to `seconds[step]`."""
    began = time.perf_counter()
    yield
    seconds[step] = seconds.get(step, 0.0) + time.perf_counter() - began


def median_seconds(cursor: Cursor, query: str, repeats: int, values: Mapping[str, object] | None = None) -> float:
    """Until all rows of a query are there, which those of the last time then are."""
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        cursor.execute(query, values)  # gets the rows, too
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def days_from(first: date, count: int) -> list[date]:
    return [first + timedelta(days=number) for number in range(count)]


def _ranges(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Runs of days without a gap, as (first, last)."""
    first = last = None
    for day in sorted(days):
        if last is not None and day == last + timedelta(days=1):
            last = day
            continue
        if first is not None:
            yield first, last
        first = last = day
    if first is not None:
        yield first, last
