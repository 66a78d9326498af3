"""Measure, print one table, and write docs/benchmarks.md, .json and .svg: `python -m bench`.

Without --full it takes less than ten minutes. With it: longer histories, a larger day, a year through Airflow.
"""

import argparse
import json
import logging
import os
import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import airflow_day, floor, history, million, plot, ranges
from data_generator import bench as generating
from ingestion import bench as loading

DOCS = Path(__file__).resolve().parent.parent / "docs"
YEAR = 365
Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One number beside its yardstick; `ratio` is ours in yardsticks. A target is a yardstick that is not measured."""

    name: str
    ours: float
    unit: str
    yardstick: str
    yardstick_value: float
    yardstick_unit: str

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick_value


def roads(say: Say) -> list[Figure]:
    """Generate and load."""
    generated = generating.measure()
    written = floor.gzip_lines(generated.events)
    loaded = loading.measure()
    return [
        Figure(
            "generator", generated.events_per_second, "events/s", "write one line so often, gzip -1", written, "lines/s"
        ),
        Figure(
            "landing file to published partition",
            loaded.events_per_second,
            "events/s",
            "\\copy of the typed rows",
            loaded.copied_per_second,
            "rows/s",
        ),
    ]


def airflow_days(say: Say) -> list[Figure]:
    """One day through Airflow, beside the same as Airflow and Cosmos come, and beside the same without Airflow."""
    days = airflow_day.measure(say)
    stock = airflow_day.measure(say, 2, stock=True)
    bare = floor.day_without_airflow(say)
    return [
        Figure("first day after a start, through Airflow", days.first, "s", "the same without Airflow", bare, "s"),
        Figure("one more day through Airflow", days.warm, "s", "the same without Airflow", bare, "s"),
        Figure("one more day through Airflow", days.warm, "s", "stock: nothing imported before", stock.warm, "s"),
        Figure(
            "365 days one by one, extrapolated", days.warm * YEAR, "s", "stock, extrapolated", stock.warm * YEAR, "s"
        ),
    ]


def flat_cost(points: list[history.Point]) -> list[Figure]:
    """One more day upon the longest history, beside the shortest that fills the windows of 30 days."""
    short = next((point for point in points if point.history > 30), points[0])
    long = points[-1]
    return [
        Figure(
            f"one more day upon {long.history:,} days", long.total, "s", f"upon {short.history} days", short.total, "s"
        ),
        Figure(
            f"shared buffers of a day upon {long.history:,} days",
            long.buffers,
            "blocks",
            f"upon {short.history} days",
            short.buffers,
            "blocks",
        ),
    ]


def one_range(measured: ranges.Range) -> list[Figure]:
    """A range in one pass beside its floor, and what its days take on disk."""
    name = f"{measured.days} days"
    return [
        Figure(
            f"{name} in one pass, {measured.events:,} events",
            sum(measured.ours.values()),
            "s",
            "\\copy + dbt build --full-refresh",
            sum(measured.floor.values()),
            "s",
        ),
        Figure(f"{name} as landed, uncompressed", measured.landed_bytes / 1e6, "MB", "target", 100, "MB"),
        Figure(f"{name} in the schema raw", measured.raw_bytes / 1e6, "MB", "target", 100, "MB"),
    ]


def large_day(large: million.LargeDay) -> list[Figure]:
    name = f"a day of {large.events:,} events, landing to marts"
    return [
        Figure(name, large.total, "s", "target", 60, "s"),
        Figure(f"{name}: private memory", large.peak_mebibytes, "MiB", "target", 2048, "MiB"),
    ]


def year_through_airflow(measured: airflow_day.AirflowRanges) -> list[Figure]:
    name = f"{measured.days} days through Airflow"
    return [
        Figure(f"{name}, one range run", measured.range_run, "s", "target", 150, "s"),
        Figure(f"{name}, a native backfill", measured.backfill, "s", "target", 480, "s"),
    ]


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    memory = psutil.virtual_memory().total / 1024**3
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()};"
        f" load average {load:.1f} when it began"
    )


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def row(figure: Figure) -> tuple[str, ...]:
    ours, theirs = (
        f"{shown(figure.ours)} {figure.unit}",
        f"{shown(figure.yardstick_value)} {figure.yardstick_unit}",
    )
    return figure.name, ours, figure.yardstick, theirs, f"{figure.ratio:.2f}"


def document(record: dict[str, dict]) -> str:
    """The page docs/benchmarks.md; `record` as in docs/benchmarks.json."""
    lines = []
    for name, part in record.items():
        lines += [
            f"\n## {PARTS[name].title}\n",
            f"{part['measured_on']}{', full' if part['full'] else ''}; {part['machine']}.\n",
            "| what | ours | yardstick | yardstick's | ratio |",
            "|---|---|---|---|---|",
            *("| " + " | ".join(row(Figure(**figure))) + " |" for figure in part["figures"]),
            f"\n{PARTS[name].note}",
            *_curve([history.Point(**point) for point in part["history"]]),
        ]
    return (
        "# Benchmarks\n\nWritten by `make bench`; `make bench FULL=1` measures longer histories, a larger day, and a\n"
        "year through Airflow. Each figure stands beside a yardstick measured with it, or beside a target: compare\n"
        "ratios between machines, not figures.\n" + "\n".join(lines) + "\n"
    )


def _curve(points: list[history.Point]) -> list[str]:
    if not points:
        return []
    return [
        "\n![relative cost of one more day](benchmarks.svg)\n",
        "| days before | events before | seconds | of these dbt | shared buffers (8 KiB) |",
        "|---|---|---|---|---|",
        *(
            f"| {point.history:,} | {point.events_before:,} | {point.total:.2f} | {point.seconds['dbt']:.2f} |"
            f" {point.buffers:,.0f} |"
            for point in points
        ),
    ]


def write(record: dict[str, dict], folder: Path) -> None:
    """benchmarks.json, .md and .svg in `folder`."""
    (folder / "benchmarks.json").write_text(json.dumps(record, indent=1) + "\n")
    (folder / "benchmarks.md").write_text(document(record))
    points = [history.Point(**point) for part in record.values() for point in part["history"]]
    if points:
        curves = {"seconds": [point.total for point in points], "shared buffers": [point.buffers for point in points]}
        chart = plot.relative_curves("The cost of one more day", [point.history for point in points], curves)
        (folder / "benchmarks.svg").write_text(chart)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="longer histories, a larger day, the year through Airflow")
    parser.add_argument(
        "--only", choices=list(PARTS), nargs="+", help="these parts; docs/ keeps the others as they are"
    )
    parser.add_argument("--no-write", action="store_true", help="print only; leave docs/ as it is")
    given = parser.parse_args()
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    console = Console()

    def say(text: str) -> None:
        console.print(text, style="dim")

    known = DOCS / "benchmarks.json"
    record = json.loads(known.read_text()) if known.exists() else {}
    table = Table("what", "ours", "yardstick", "yardstick's", "ratio")
    for name in given.only or [name for name, part in PARTS.items() if given.full or not part.only_full]:
        on = machine()
        say(f"{PARTS[name].title} …")
        figures, points = PARTS[name].measure(say, given.full)
        record[name] = {
            "measured_on": f"{datetime.now(UTC):%Y-%m-%d}",
            "machine": on,
            "full": given.full,
            "figures": [asdict(figure) for figure in figures],
            "history": [asdict(point) for point in points],
        }
        for figure in figures:
            table.add_row(*row(figure))
        if not given.no_write:  # after each part: a long run that is interrupted keeps what it has
            write({part: record[part] for part in PARTS if part in record}, DOCS)
    console.print(table)


def _history(say: Say, full: bool) -> tuple[list[Figure], list[history.Point]]:
    points = history.measure(say, histories=history.FULL if full else history.QUICK, days=3 if full else 2)
    return flat_cost(points), points


@dataclass(frozen=True)
class Part:
    """Measures some figures, and maybe a curve: `measure(say, full)`."""

    title: str
    measure: Callable[[Say, bool], tuple[list[Figure], list[history.Point]]]
    note: str
    only_full: bool = False


PARTS = {
    "roads": Part(
        "Generate and load",
        lambda say, full: (roads(say), []),
        "The generator's yardstick writes one event's line as often as there are events, through gzip at its level.",
    ),
    "history": Part(
        "One more day, by the history before it",
        _history,
        "The same days with the same late events, upon histories that differ in length only. Below 30 days the\n"
        "trailing windows (MAU, DACH) are not full yet. Buffers are those of all backends, dbt's look-ups included.",
    ),
    "range": Part(
        "A range in one pass",
        lambda say, full: (one_range(ranges.measure(say, days=YEAR)), []),
        "Load, audit, publish, build and audit of the marts in one process; the days have landed before.",
    ),
    "large-day": Part(
        "A large day",
        lambda say, full: (large_day(million.measure(say, scale=million.SCALE if full else million.SCALE / 10)), []),
        "Private memory of our process and PostgreSQL's, above what both held before; shared buffers come on top, and\n"
        "are fixed (`local/postgres.py`).",
    ),
    "airflow-day": Part(
        "One day through Airflow",
        lambda say, full: (airflow_days(say), []),
        "From the trigger to the marts, every model a task of its own, default scale. Stock is the same DAG on\n"
        "Airflow and Cosmos as they come, one run a day: no library is imported before a task starts.",
    ),
    "airflow-year": Part(
        "A year through Airflow",
        lambda say, full: (year_through_airflow(airflow_day.measure_ranges(say, YEAR)), []),
        "From the trigger to the marts, on an empty warehouse; the company lands its files within the run.",
        only_full=True,
    ),
}


if __name__ == "__main__":
    main()
