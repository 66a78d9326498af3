"""What a person sees while runs are on their way, and when one has failed."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from local import runs


@contextmanager
def days_bar(through: runs.Runs, days: Sequence[date], console: Console) -> Iterator[Callable[[runs.Progress], None]]:
    """A progress bar of the days; gives the function that moves it."""
    bar = Progress(
        SpinnerColumn(),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TextColumn(
            "days in the marts, {task.fields[published]} published, "
            "{task.fields[loaded]:,} rows loaded, {task.fields[quarantined]:,} quarantined, "
            "{task.fields[skipped]:,} skipped"
        ),
        TimeElapsedColumn(),
        console=console,
    )
    with bar:
        state = through.progress(days)
        shown = bar.add_task("", total=len(days), completed=state.built, **_counts(state))
        yield lambda state: bar.update(shown, completed=state.built, **_counts(state))


def show_failures(failed: Sequence[runs.FailedTask], console: Console) -> None:
    """The end of the log of the first failed tasks, and what to do."""
    for task in failed[:3]:
        title = f"{task.task_id} failed in {task.run_id}"
        console.print(Panel(task.log, title=title, subtitle="the end of its log", style="red"))
        console.print(f"Remedy: {task.remedy}\n")


def show_missing(missing: Sequence[date], days: Sequence[date], console: Console) -> None:
    shown = ", ".join(map(str, missing[:10])) + (", …" if len(missing) > 10 else "")
    console.print(f"{len(missing)} of {len(days)} days are not in the marts: {shown}")


def _counts(state: runs.Progress) -> dict[str, int]:
    counts = ("published", "loaded", "quarantined", "skipped")
    return {name: getattr(state, name) for name in counts}
