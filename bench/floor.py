"""Yardsticks: the least that the same work can cost."""

import gzip
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from dbt.cli.main import dbtRunner
from upath import UPath

from data_generator.service import generate_day
from ingestion import service
from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server, free_port
from validation.service import audit_day, audit_marts

DBT = Path(__file__).resolve().parent.parent / "dbt"
LINE = (
    b'{"event_id":"019bd8b9-f610-7960-b2a4-%012x","event":"content_start","ts":"2026-01-20T00:07:04.464Z",'
    b'"user_id":"u_1659","platform":"ios","app_version":"6.5","content_id":"c_268"}\n'
)


def gzip_lines(lines: int) -> float:
    """Lines a second: format one event's line `lines` times, with another id each, and write it through gzip -1."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with gzip.open(Path(folder) / "events.ndjson.gz", "wb", compresslevel=1) as stream:
            for start in range(0, lines, 10_000):
                stream.write(b"".join([LINE % number for number in range(start, min(lines, start + 10_000))]))
        return lines / (time.perf_counter() - began)


def day_without_airflow(say: Callable[[str], None], days: int = 4) -> float:
    """Seconds for one more day by the same functions in one process: the median of the days after the first."""
    start = date(2026, 3, 1)
    with tempfile.TemporaryDirectory(prefix="engagement-bench-") as scratch:
        folder = Path(scratch)
        folder.chmod(0o755)
        server = Server(home=folder / "postgres", port=free_port())
        server.start()
        try:
            warehouse = Warehouse("127.0.0.1", server.port, "bench", {role: f"{role}-bench" for role in ROLES})
            with closing(server.connect()) as superuser:
                create(superuser, warehouse)
            os.environ.update(warehouse.environment())
            taken = []
            for number in range(days):
                began = time.perf_counter()
                _one_day(warehouse, UPath(folder / "landing"), folder / "target", start, start + timedelta(days=number))
                taken.append(time.perf_counter() - began)
            say(f"days without Airflow: {', '.join(f'{seconds:.1f}' for seconds in taken)} s")
            return statistics.median(taken[1:])
        finally:
            server.remove()


def _one_day(warehouse: Warehouse, landing: UPath, target: Path, start: date, day: date) -> None:
    generate_day(landing, day, seed=1, scale=1, start=start)
    with closing(warehouse.connect()) as connection:
        service.load_day(connection, landing, day)
        audit_day(warehouse, day)
        service.publish_day(connection, day)
        claimed = service.claim(connection, "bench", [day])
        places = ["--project-dir", str(DBT), "--profiles-dir", str(DBT), "--target-path", str(target)]
        built = dbtRunner().invoke(["--quiet", "build", *places])
        if not built.success:
            raise RuntimeError(f"dbt build failed on {day}: {built.exception}")
        audit_marts(warehouse, claimed.build_id)
        service.finish(connection, claimed.build_id)
