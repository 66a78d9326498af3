"""Measure, print one table, and write docs/benchmarks.md, .json and .svg: `python -m bench`.

Without --full it takes less than ten minutes. With it: longer histories and ranges, a larger day, the stock set-up, and
a year through Airflow. A part that fails does not take the others along. Ctrl-C and SIGTERM leave nothing behind.
"""

import argparse
import json
import logging
import os
import platform
import re
import signal
import statistics
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import FrameType

import psutil
from rich.console import Console
from rich.table import Table

from bench import airflow_day, floor, formats, generating, history, loading, million, panels, plot, questions, ranges

DOCS = Path(__file__).resolve().parent.parent / "docs"
YEAR = 365
MONTHS = 120  # days of the range of a quick run
SLOWEST = 5  # panels of a large company
RUNS = 3  # of what takes seconds; the figure is their median
Say = Callable[[str], None]


@dataclass(frozen=True)
class Figure:
    """One number beside its yardstick; `ratio` is ours in yardsticks. A target is a yardstick that is not measured.

    A headline stands in the table at the top of the page.
    """

    name: str
    ours: float
    unit: str
    yardstick: str
    yardstick_value: float
    yardstick_unit: str
    headline: bool = False

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick_value


def roads(say: Say) -> list[Figure]:
    """Generate and load."""
    generated = generating.measure(days=RUNS)
    written = statistics.median(floor.gzip_lines(generated.events) for _ in range(RUNS))
    loaded = loading.measure(repeats=RUNS)
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
            headline=True,
        ),
    ]


def format_figures(speeds: list[formats.Speed]) -> list[Figure]:
    """What an event of each format takes to load, beside one of the apps."""
    apps, *others = speeds
    return [
        Figure(
            f"load an event in {speed.format}, {speed.line_bytes:,.0f} bytes, {speed.events_per_second:,.0f} a second",
            speed.microseconds,
            "µs",
            f"{apps.format}, {apps.line_bytes:,.0f} bytes, {apps.events_per_second:,.0f} a second",
            apps.microseconds,
            "µs",
        )
        for speed in others
    ]


def airflow_days(say: Say, full: bool) -> list[Figure]:
    """One day through Airflow, beside the same without Airflow; if full, also beside the stock set-up."""
    days = airflow_day.measure(say)
    bare = floor.day_without_airflow(say)
    name = f"one more day through Airflow, {days.tasks} topics"
    figures = [
        Figure(name, days.warm, "s", "target", 60, "s", headline=True),
        Figure(name, days.warm, "s", "the same without Airflow", bare, "s"),
        Figure("first day after a start, through Airflow", days.first, "s", "the same without Airflow", bare, "s"),
    ]
    if full:
        stock = _stock(say)
        figures += [
            Figure(name, days.warm, "s", "stock", stock.warm, "s", headline=True),
            Figure("CPU of all topics' tasks", days.cpu, "s", "stock", stock.cpu, "s"),
        ]
    return figures


def flat_cost(points: list[history.Point]) -> list[Figure]:
    """One more day upon the longest history, beside the shortest that fills the windows of 30 days."""
    short = next((point for point in points if point.history > 30), points[0])
    long = points[-1]
    return [
        Figure(
            f"one more day upon {long.history:,} days",
            long.total,
            "s",
            f"upon {short.history} days",
            short.total,
            "s",
            headline=True,
        ),
        Figure(f"one more day upon {long.history:,} days", long.total, "s", "target", 8, "s"),
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
            headline=True,
        ),
        Figure(f"{name} as landed, uncompressed", measured.landed_bytes / 1e6, "MB", "target", 100, "MB"),
        Figure(f"{name} in the schema raw", measured.raw_bytes / 1e6, "MB", "target", 100, "MB"),
    ]


def large_day(large: million.LargeDay) -> list[Figure]:
    name = f"a day of {large.events:,} events, landing to marts"
    return [
        Figure(name, large.total, "s", "target", 90, "s", headline=True),
        Figure(f"{name}: private memory", large.peak_mebibytes, "MiB", "target", 2048, "MiB"),
    ]


def question_figures(asked: list[questions.Question]) -> list[Figure]:
    """How many times as long the events take as the summaries, and how long that is."""
    figures = []
    for each in asked:
        name = f"{each.name}, {each.events:,} events"
        times = each.from_events / each.from_summaries
        figures += [
            Figure(f"{name}: summaries before events", times, "times", "target", 50, "times", headline=True),
            Figure(name, each.from_summaries * 1e6, "µs", "from the events", each.from_events * 1e6, "µs"),
        ]
    return figures


def panel_figures(asked: panels.Answers, larger: panels.Answers | None = None) -> list[Figure]:
    """The slowest panel, and how many are too slow; and the slowest of a larger company beside what it takes here."""
    slowest = asked.answers[0]
    name = f"{asked.events:,} events"
    figures = [
        Figure(
            f"slowest panel, {name}: {slowest.name}",
            slowest.seconds * 1000,
            "ms",
            "target",
            panels.TARGET * 1000,
            "ms",
            headline=True,
        ),
        Figure(
            f"panels and variables above {panels.TARGET * 1000:.0f} ms, {name}",
            asked.above_target,
            "panels",
            "all",
            len(asked.answers),
            "panels",
        ),
    ]
    if larger:
        seconds = {answer.name: answer.seconds for answer in asked.answers}
        figures += [
            Figure(
                f"{answer.name}, {larger.events:,} events",
                answer.seconds * 1000,
                "ms",
                name,
                seconds[answer.name] * 1000,
                "ms",
            )
            for answer in larger.answers[:SLOWEST]
        ]
    return figures


def year_through_airflow(
    measured: airflow_day.AirflowRanges, year: ranges.Range, stock: airflow_day.AirflowDays
) -> list[Figure]:
    """The same days in a range run and in backfills, beside the floor, the targets, and the stock set-up."""
    name = f"{measured.days} days through Airflow"
    by_stock = ("stock, extrapolated", stock.warm * measured.days, "s")
    figures = [
        Figure(f"{name}, one range run", measured.range_run, "s", "target", 60, "s", headline=True),
        Figure(
            f"{name}, one range run",
            measured.range_run,
            "s",
            "\\copy + dbt build --full-refresh",
            sum(year.floor.values()),
            "s",
        ),
        Figure(f"{name}, one range run", measured.range_run, "s", *by_stock),
    ]
    for active_runs, seconds in measured.backfills.items():
        target = 540 if active_runs > airflow_day.DEFAULT_ACTIVE_RUNS else 900
        figures += [
            Figure(f"{name}, backfill, {active_runs} active runs", seconds, "s", "target", target, "s", headline=True),
            Figure(f"{name}, backfill, {active_runs} active runs", seconds, "s", *by_stock, headline=True),
        ]
    return figures


@cache
def _range(say: Say, days: int) -> ranges.Range:
    """Measured once, for the two parts that show it."""
    return ranges.measure(say, days=days)


@cache
def _stock(say: Say) -> airflow_day.AirflowDays:
    return airflow_day.measure(say, 3, stock=True)


def machine() -> str:
    """What the figures were measured on, and how busy it was."""
    memory = psutil.virtual_memory().total / 1024**3
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores ({_processor()}), {memory:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}; load average {load:.1f} when it began"
    )


def _processor() -> str:
    names = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else []
    return names[0] if names else platform.machine()


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def row(figure: Figure) -> tuple[str, ...]:
    ours, theirs = (
        f"{shown(figure.ours)} {figure.unit}",
        f"{shown(figure.yardstick_value)} {figure.yardstick_unit}",
    )
    return figure.name, ours, figure.yardstick, theirs, f"{figure.ratio:.2f}"


HEAD = ("| what | ours | yardstick | yardstick's | ratio |", "|---|---|---|---|---|")


def _table(figures: list[Figure]) -> list[str]:
    return [*HEAD, *("| " + " | ".join(row(figure)) + " |" for figure in figures)]


def document(record: dict[str, dict]) -> str:
    """The page docs/benchmarks.md; `record` as in docs/benchmarks.json."""
    figures = {name: [Figure(**figure) for figure in part["figures"]] for name, part in record.items()}
    lines = [
        "# Benchmarks\n",
        "Written by `make bench`; `make bench FULL=1` measures longer histories and ranges, a larger day, the stock",
        "set-up, and a year through Airflow. Each figure stands beside a yardstick measured in the same run, or beside",
        "a target; the ratio is ours in yardsticks. Compare ratios between machines, not figures.\n",
        *_table([figure for part in figures.values() for figure in part if figure.headline]),
    ]
    for name, part in record.items():
        lines += [
            f"\n## {PARTS[name].title}\n",
            f"{part['measured_on']}{', full' if part['full'] else ''}; {part['machine']}.\n",
            *_table(figures[name]),
            f"\n{PARTS[name].note}",
            *_curve([history.Point(**point) for point in part["history"]]),
        ]
    return "\n".join(lines) + "\n"


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


def main() -> int:
    """Measure; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="longer, larger, the stock set-up, a year through Airflow")
    parser.add_argument(
        "--only", choices=list(PARTS), nargs="+", help="these parts; docs/ keeps the others as they are"
    )
    parser.add_argument("--no-write", action="store_true", help="print only; leave docs/ as it is")
    given = parser.parse_args()
    logging.disable(logging.INFO)  # Great Expectations tells of its temporary folders
    console = Console(width=None if sys.stdout.isatty() else 140)

    def say(text: str) -> None:
        console.print(text, style="dim", markup=False)

    stop = _Stop()
    known = DOCS / "benchmarks.json"
    record = json.loads(known.read_text()) if known.exists() else {}
    table = Table("what", "ours", "yardstick", "yardstick's", "ratio")
    failed = []
    try:
        for name in given.only or [name for name, part in PARTS.items() if given.full or not part.only_full]:
            on = machine()
            say(f"{PARTS[name].title} …")
            try:
                figures, points = PARTS[name].measure(say, given.full)
            except Exception:
                if stop.came:  # dbt turns an interrupt into a failure of its own
                    break
                traceback.print_exc()
                failed.append(name)
                continue
            record[name] = {
                "measured_on": f"{datetime.now(UTC):%Y-%m-%d}",
                "machine": on,
                "full": given.full,
                "figures": [asdict(figure) for figure in figures],
                "history": [asdict(point) for point in points],
            }
            for figure in figures:
                table.add_row(*row(figure))
            if not given.no_write:  # after each part, so that an interrupted run keeps its figures
                write({part: record[part] for part in PARTS if part in record}, DOCS)
    except KeyboardInterrupt:
        pass
    console.print(table)
    if stop.came:
        print("Interrupted; what was started has been stopped and removed.", file=sys.stderr)
    elif failed:
        print(f"Failed: {', '.join(failed)}; see above.", file=sys.stderr)
    return 128 + stop.came if stop.came else len(failed) > 0


class _Stop:
    """Makes SIGTERM raise like Ctrl-C. Signals within the next 30 seconds are ignored: servers are being removed."""

    def __init__(self) -> None:
        self.came = 0
        self._at = float("-inf")
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._raise)

    def _raise(self, number: int, _: FrameType | None) -> None:
        if time.monotonic() - self._at > 30:
            self.came, self._at = number, time.monotonic()
            raise KeyboardInterrupt


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


STOCK = (
    "Stock is the same DAG on Airflow and Cosmos (LOCAL) as they come, one run a day, one after the other: no library\n"
    "is imported before a task starts; the median of two days."
)
PARTS = {
    "roads": Part(
        "Generate and load",
        lambda say, full: (roads(say), []),
        f"Medians of {RUNS} runs. The generator's yardstick writes one event's line as often as there are events,\n"
        "through gzip at its level.",
    ),
    "formats": Part(
        "The formats of the landing files",
        lambda say, full: (format_figures(formats.measure(repeats=2 * RUNS - 1)), []),
        "The same events of one day in each format, from the landing file to the published partition; of five runs\n"
        "each the median. A line of Segment or GA4 holds what these producers write beside the event. The ratio is to\n"
        "stay below 2.5.",
    ),
    "history": Part(
        "One more day, by the history before it",
        _history,
        "Medians of two days (full: three): the same days with the same late events, upon histories that differ in\n"
        "length only. Below 30 days the trailing windows (MAU, DACH) are not full yet. Buffers are those of all\n"
        "backends, dbt's look-ups included.",
    ),
    "range": Part(
        "A range in one pass",
        lambda say, full: (one_range(_range(say, YEAR if full else MONTHS)), []),
        "Load, audit, publish, build and audit of the marts in one process; the days have landed before.",
    ),
    "large-day": Part(
        "A large day",
        lambda say, full: (large_day(million.measure(say, scale=million.SCALE if full else million.SCALE / 10)), []),
        "Private memory of our process and PostgreSQL's, above what both held before; shared buffers come on top, and\n"
        "are fixed (`local/postgres.py`).",
    ),
    "questions": Part(
        "Questions to the summaries, and to the events",
        lambda say, full: (
            question_figures(questions.measure(say, scale=questions.SCALE if full else questions.SCALE / 32)),
            [],
        ),
        "A year of the company; of five runs each the median. Both answers are compared, and are equal.",
    ),
    "panels": Part(
        "The panels of Grafana",
        lambda say, full: (
            panel_figures(panels.measure(say, scale=1), panels.measure(say) if full else None),
            [],
        ),
        "A year of the company, all of which is asked for, as the role `reader`: each panel by what its dashboard\n"
        "offers, one after the other, and the queries for what can be chosen. Of five runs each the median; of a\n"
        "panel the slowest choice. In full, the slowest of a company some thirty times as large beside that.",
    ),
    "airflow-day": Part(
        "One day through Airflow",
        lambda say, full: (airflow_days(say, full), []),
        "From the trigger to the marts, every topic a task of its own, default scale; the median of three days. CPU\n"
        "is that of Airflow's scheduler and its tasks while tables are built, without PostgreSQL's.\n"
        f"{STOCK}",
    ),
    "airflow-year": Part(
        "A year through Airflow",
        lambda say, full: (
            year_through_airflow(airflow_day.measure_ranges(say, YEAR), _range(say, YEAR), _stock(say)),
            [],
        ),
        "From the trigger to the marts, on an empty warehouse; the company lands its files within the run. While a\n"
        "backfill is on its way, the scheduled run of yesterday, the last of the days, happens. Airflow's form offers\n"
        f"{airflow_day.DEFAULT_ACTIVE_RUNS} active runs. {STOCK}\n"
        f"Extrapolated: a day of it, {YEAR} times.",
        only_full=True,
    ),
}


if __name__ == "__main__":
    sys.exit(main())
