"""A range of days in one pass, beside the floor: the same files' rows by `\\copy`, and `dbt build --full-refresh`."""

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
    """Seconds of the floor on a warehouse of its own: a `\\copy` for each landed file, then dbt."""
    rows = {road.folder / f"rows{number}": query for number, query in enumerate(_rows_by_file(road))}
    state = {road.folder / name: f"ops.{name}" for name in STATE}
    _psql(road, [rf"\copy (select * from {each}) to '{path}'" for path, each in (rows | state).items()])
    bare = Road(road.server, new_warehouse(road.server, "floor"), road.folder, road.start)
    with closing(bare.server.connect("floor")) as connection, connection, connection.cursor() as cursor:
        for day in load_dates:
            name = sql.Identifier("raw", f"user_events_{day:%Y%m%d}")
            cursor.execute(
                sql.SQL("create table {} partition of raw.user_events for values in (%s)").format(name), [day]
            )
        # For dbt the days are published and not built, and claimed by a build that `ops.build` does not know.
        cursor.execute("alter table ops.load_day drop constraint load_day_claimed_by_fkey")
    _psql(bare, [rf"\copy {table} from '{path}'" for path, table in state.items()])
    seconds: dict[str, float] = {}
    with timed(seconds, "\\copy"):
        _psql(bare, [rf"\copy {query.split()[0]} from '{path}'" for path, query in rows.items()])
    bare.dbt("parse")
    with timed(seconds, "dbt build --full-refresh"):
        bare.dbt("build", "--full-refresh")
    return seconds


def _rows_by_file(road: Road) -> list[str]:
    """For each landed file that has rows: the raw table that they are in, and which."""
    with closing(road.server.connect(road.warehouse.database)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "select format('raw.%s where load_date = %L and file_no = %s', target, load_date, file_no)"
            " from ops.file_load where loaded > 0 order by load_id, file_no"
        )
        return [query for (query,) in cursor.fetchall()]


def _psql(road: Road, commands: list[str]) -> None:
    """Run commands in one session of psql."""
    address = f"host=127.0.0.1 port={road.server.port} dbname={road.warehouse.database} user={SUPERUSER}"
    subprocess.run(
        [binaries() / "psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", address],
        input="\n".join(commands),
        text=True,
        env={**os.environ, "PGPASSWORD": road.server.password},
        check=True,
    )
