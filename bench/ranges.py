"""A range of days in one pass, beside the floor: the typed rows by `\\copy`, and one `dbt build --full-refresh`."""

import gzip
import os
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from psycopg2 import sql

from bench.road import Road, days_from, new_warehouse, throwaway_road, timed
from ingestion.targets import TARGETS
from local.postgres import SUPERUSER, binaries

START = date(2026, 1, 1)
STATE = ("load", "load_day")  # what a full build needs to know of the days


@dataclass(frozen=True)
class Range:
    """Seconds by step, and bytes: as landed but uncompressed, and of the schema raw with its indexes."""

    days: int
    events: int
    ours: dict[str, float]
    floor: dict[str, float]
    landed_bytes: int
    raw_bytes: int


def measure(say: Callable[[str], None], *, days: int = 28, scale: float = 1) -> Range:
    """Load, audit, publish and build `days` days that have landed, in one process; then the floor on that server."""
    with throwaway_road(start=START, scale=scale) as road:
        load_dates = days_from(START, days)
        road.land(load_dates)
        road.dbt("parse")  # done at deploy
        ours = road.publish(load_dates, audit=True) | road.build(load_dates)
        floor = _floor(road, load_dates)
        measured = Range(
            days,
            int(road.ask("select count(*) from raw.user_events")),
            ours,
            floor,
            uncompressed_bytes(Path(road.landing)),
            raw_bytes(road),
        )
    say(f"{days} days in one pass: {sum(ours.values()):.1f} s; the floor: {sum(floor.values()):.1f} s")
    return measured


def uncompressed_bytes(landing: Path) -> int:
    """The size of the landed data, without manifests, as if nothing were compressed."""
    total = 0
    for path in landing.rglob("[!_.]*.*"):
        if path.suffix == ".gz":
            with gzip.open(path) as stream:
                total += sum(len(chunk) for chunk in iter(lambda: stream.read(1 << 20), b""))
        elif path.is_file():
            total += path.stat().st_size
    return total


def raw_bytes(road: Road) -> int:
    """The schema raw on disk, with indexes and TOAST."""
    return int(
        road.ask(
            "select sum(pg_total_relation_size(oid)) from pg_class"
            " where relnamespace = 'raw'::regnamespace and relkind = 'r'"
        )
    )


def _floor(road: Road, load_dates: list[date]) -> dict[str, float]:
    tables = [f"raw.{target}" for target in TARGETS] + [f"ops.{name}" for name in STATE]
    for table in tables:
        _psql(road, road.warehouse.database, rf"\copy (select * from {table}) to '{road.folder / table}'")
    bare = Road(road.server, new_warehouse(road.server, "floor"), road.folder, road.start)
    with closing(bare.server.connect("floor")) as connection, connection, connection.cursor() as cursor:
        for day in load_dates:
            name = sql.Identifier("raw", f"user_events_{day:%Y%m%d}")
            cursor.execute(
                sql.SQL("create table {} partition of raw.user_events for values in (%s)").format(name), [day]
            )
        # The days are published, not built, and the floor's build is nobody's.
        cursor.execute("alter table ops.load_day drop constraint load_day_claimed_by_fkey")
    seconds: dict[str, float] = {}
    for table in tables:
        with timed(seconds, "\\copy"):
            _psql(bare, "floor", rf"\copy {table} from '{road.folder / table}'")
    bare.dbt("parse")
    with timed(seconds, "dbt build --full-refresh"):
        bare.dbt("build", "--full-refresh")
    return seconds


def _psql(road: Road, database: str, command: str) -> None:
    address = f"host=127.0.0.1 port={road.server.port} dbname={database} user={SUPERUSER}"
    subprocess.run(
        [binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={command}", address],
        env={**os.environ, "PGPASSWORD": road.server.password},
        check=True,
    )
