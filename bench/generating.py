"""How fast the company lands a day, on one core: `python -m bench.generating`."""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path

from upath import UPath

from data_generator.service import generate_day


@dataclass(frozen=True)
class Measure:
    """`first_seconds` is the first day of a process, with its imports done but all users still to be computed."""

    scale: float
    events: int
    seconds: float
    events_per_second: float
    first_seconds: float
    gzip_bytes: int
    peak_mib: float


def measure(scale: float = 1000.0, days: int = 3, seed: int = 1) -> Measure:
    """The median of `days` days in the company's first summer, from nothing to files on disk, after one day more."""
    start = date(2026, 1, 1)
    runs = []
    with tempfile.TemporaryDirectory() as landing:
        for number in range(days + 1):
            day = start + timedelta(days=180 + number)
            began = time.perf_counter()
            manifest = generate_day(UPath(landing), day, seed=seed, scale=scale, start=start)
            took = time.perf_counter() - began
            events = sum(file["lines"] for file in manifest["files"] if file["path"].startswith("events-"))
            size = sum(path.stat().st_size for path in (Path(landing) / "app" / day.isoformat()).glob("*.gz"))
            runs.append((took, events, size))
    first, *others = runs
    seconds, events, size = sorted(others, key=lambda run: run[0] / run[1])[len(others) // 2]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measure(scale, events, seconds, events / seconds, first[0], size, peak)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.generating", description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1000.0)
    parser.add_argument("--days", type=int, default=3)
    given = parser.parse_args()
    for name, value in asdict(measure(given.scale, given.days)).items():
        print(f"{name:>18}  {value:,.2f}" if isinstance(value, float) else f"{name:>18}  {value:,}")


if __name__ == "__main__":
    main()
