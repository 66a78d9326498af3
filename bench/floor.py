"""Yardsticks: the least that the same work can cost."""

import gzip
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from bench.road import days_from, throwaway_road

START = date(2026, 3, 1)
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
    with throwaway_road(start=START) as road:
        first, *rest = days_from(START, days)
        road.land([first])
        road.publish([first])
        road.build([first])
        taken = []
        for day in rest:
            began = time.perf_counter()
            road.land([day])
            road.one_day(day)
            taken.append(time.perf_counter() - began)
    say(f"days without Airflow: {', '.join(f'{seconds:.1f}' for seconds in taken)} s")
    return statistics.median(taken)
