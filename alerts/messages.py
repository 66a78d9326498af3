"""What the messages say, and what of an error makes two failures one cause."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from alerts.remedies import MEANS, remedy

SHOWN = 1500  # characters of an error; the log has all of it
COMPARED = 300
OVERDUE = "overdue"  # the cause of days that are not in the marts by their hour


@dataclass(frozen=True)
class Alert:
    """Something that a person has to mend.

    Attributes:
        cause: two alerts with the same cause are one, until it is overcome.
        load_dates: the days that it keeps from the marts; none where it concerns no days.
    """

    cause: str
    title: str
    body: str
    load_dates: tuple[date, ...] = ()


def failure(
    *,
    dag_id: str,
    task_id: str,
    run_id: str,
    load_dates: Sequence[date],
    error: object,
    since: datetime,
    address: str,
    doc_md: str | None = None,
) -> Alert:
    """The alert of a task that failed for good.

    Args:
        since: when the task began.
        address: where its log is read.
    """
    group = task_id.split(".")[0]
    reason = str(error or "").strip() or "the task ended without a word: it was killed, or its machine was"
    days = days_in_words(load_dates)
    means = f"{days or 'the run'}: {MEANS[group]}" if group in MEANS else f"{dag_id} did not do its work."
    body = [
        f"What: {task_id} of {dag_id} failed: {_shown(reason)}",
        f"Since: {since:%Y-%m-%d %H:%M:%S} UTC",
        f"It means: {means}",
        f"What to do: {remedy(doc_md, task_id)}",
        f"Where to look: {address} (run {run_id})",
        "Other days that fail for the same reason send no further message: select * from ops.open_alert.",
    ]
    title = f"{task_id} failed" + (f": {days}" if days else "")
    return Alert(f"{dag_id}.{group}: {cause_of(reason)}", title, "\n".join(body), tuple(load_dates))


def overdue(days: Sequence[date], due_at: time) -> Alert:
    """The alert of days that are not in the marts by their hour."""
    since = datetime.combine(min(days) + timedelta(days=1), due_at, UTC)
    words = days_in_words(days)
    body = [
        f"What: {words}: not in the marts, although due by {due_at:%H:%M} UTC of the day after.",
        f"Since: {since:%Y-%m-%d %H:%M} UTC",
        "It means: dashboards and reports end before it, or have a gap there. No failed task is known for it.",
        "What to do: see in Airflow whether engagement_daily is paused, has no run for that day, or has one that "
        f"waits; `make status` says what runs. `make backfill START={min(days)} END={max(days)}` brings the days.",
        "Where to look: engagement_daily in Airflow; select * from ops.day_status.",
    ]
    return Alert(OVERDUE, f"Not in the marts by its hour: {words}", "\n".join(body), tuple(days))


def cause_of(reason: str) -> str:
    """What is the same in the errors of a year whose days all fail for one reason.

    Numbers, dates and ids are left out, and a line that is then as another. A run of many days says what a run of one
    says, only more often, after a line that counts them. Warnings, which accompany the error of an audit, are no part.
    """
    lines: dict[str, None] = {}
    for line in reason.lower().splitlines():
        text = re.sub(r"\b(?=[0-9a-f-]*\d)[0-9a-f-]{8,}\b", "#", line.strip())
        text = re.sub(r"\d+(?:[.,:-]\d+)*", "#", text)
        if text and not text.startswith(("warning:", "# of # days ", "… and # more")):
            lines[text] = None
    return " ".join(lines)[:COMPARED]


def days_in_words(days: Sequence[date]) -> str:
    """`load day 2026-01-03`, `load days 2026-01-03 to 2026-01-09 (7)`, or nothing."""
    if not days:
        return ""
    first, last = min(days), max(days)
    return f"load day {first}" if first == last else f"load days {first} to {last} ({len(set(days))})"


def _shown(reason: str) -> str:
    return reason if len(reason) <= SHOWN else f"{reason[:SHOWN]} … (the log has all of it)"
