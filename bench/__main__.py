"""Measure, print one table, and write docs/benchmarks.md and docs/benchmarks.json: `python -m bench`."""

import argparse
import json
import os
import platform
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import airflow_day, floor
from data_generator import bench as generating
from ingestion import bench as loading

DOCS = Path(__file__).resolve().parent.parent / "docs"


@dataclass(frozen=True)
class Figure:
    """One measured number beside its yardstick of the same run; `ratio` is ours in yardsticks."""

    name: str
    ours: float
    unit: str
    yardstick: str
    yardstick_value: float
    yardstick_unit: str

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick_value


def measure(say) -> list[Figure]:
    """All figures, in the order of the road: generate, load, one day through Airflow."""
    say("the generator, on one core …")
    generated = generating.measure()
    written = floor.gzip_lines(generated.events)
    say("landing file to published partition, beside \\copy …")
    loaded = loading.measure()
    say("one day through Airflow …")
    days = airflow_day.measure(say)
    say("the same work without Airflow …")
    bare = floor.day_without_airflow(say)
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
        Figure("first day after a start, through Airflow", days.first, "s", "the same without Airflow", bare, "s"),
        Figure("one more day through Airflow", days.warm, "s", "the same without Airflow", bare, "s"),
    ]


def machine() -> str:
    """What the figures were measured on."""
    memory = psutil.virtual_memory().total / 1024**3
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.1f}"


def document(figures: list[Figure]) -> str:
    """The page docs/benchmarks.md."""
    rows = "\n".join(
        f"| {each.name} | {shown(each.ours)} {each.unit} | {each.yardstick} | "
        f"{shown(each.yardstick_value)} {each.yardstick_unit} | {each.ratio:.2f} |"
        for each in figures
    )
    return (
        f"# Benchmarks\n\nWritten by `make bench` on {datetime.now(UTC):%Y-%m-%d}.\n"
        f"Machine: {machine()}, shared with other work.\n"
        "Each figure stands beside a yardstick of the same run; compare ratios between machines, not figures.\n\n"
        "| what | ours | yardstick | yardstick's | ratio |\n|---|---|---|---|---|\n"
        f"{rows}\n\n"
        "A day through Airflow is one load day of the synthetic company at its default scale, from the trigger to the\n"
        "marts, every model a task of its own. The generator's yardstick writes one event's line as often as there\n"
        "are events, through gzip at the same level.\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--no-write", action="store_true", help="print only; leave docs/ as it is")
    given = parser.parse_args()
    console = Console()
    figures = measure(lambda text: console.print(text, style="dim"))
    table = Table("what", "ours", "yardstick", "yardstick's", "ratio")
    for each in figures:
        ours, theirs = (
            f"{shown(each.ours)} {each.unit}",
            f"{shown(each.yardstick_value)} {each.yardstick_unit}",
        )
        table.add_row(each.name, ours, each.yardstick, theirs, f"{each.ratio:.2f}")
    console.print(table)
    if not given.no_write:
        (DOCS / "benchmarks.md").write_text(document(figures))
        record = {"machine": machine(), "figures": [{**asdict(each), "ratio": each.ratio} for each in figures]}
        (DOCS / "benchmarks.json").write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
