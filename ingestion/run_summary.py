"""What a run of the DAG did: its days, their lines, and its build, in a few sentences for the grid and the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from psycopg2.extensions import connection as Connection

from ingestion.statements import statement

NAMED = 5  # so many days, tables or messages are named; of the others the number


class DayAccount(NamedTuple):
    """One load day of a run. `build_id` and `holder` are of the build that put it into the marts last."""

    load_date: date
    status: str
    is_built: bool
    lines_read: int | None
    loaded: int | None
    duplicates: int | None
    quarantined: int | None
    skipped: int | None
    warnings: int
    build_id: int | None
    holder: str | None


class BuildAccount(NamedTuple):
    """The build of a run. `broken` and `findings` are sentences."""

    build_id: int
    status: str
    load_dates: list[date]
    is_full: bool
    models: int
    rows_written: int
    computed_anew: list[str]
    broken: list[str]
    findings: list[str]


@dataclass(frozen=True)
class RunSummary:
    run_id: str
    days: Sequence[DayAccount]
    build: BuildAccount | None

    def sentences(self) -> list[str]:
        """What the run did, the most important first."""
        return [*self._days(), *self._lines(), *self._own_build()]

    def _days(self) -> list[str]:
        built = [day for day in self.days if day.is_built]
        missing = [day for day in self.days if not day.is_built]
        told = [f"In the marts: {_days(built)}."] if built else []
        if missing:
            told.append(f"Not in the marts: {_days(missing)} ({', '.join(sorted({day.status for day in missing}))}).")
        others: dict[tuple[int, str], list[DayAccount]] = {}
        for day in built:
            if day.build_id is not None and day.holder != self.run_id:
                others.setdefault((day.build_id, day.holder), []).append(day)
        told += [f"Built by {holder} (build {build_id}): {_days(days)}." for (build_id, holder), days in others.items()]
        return told or ["No load day belongs to this run."]

    def _lines(self) -> list[str]:
        counted = [day for day in self.days if day.lines_read is not None]
        if not counted:
            return []

        def total(name: str) -> str:
            return f"{sum(getattr(day, name) for day in counted):,}"

        warnings = sum(day.warnings for day in counted)
        return [
            f"{total('lines_read')} lines read: {total('loaded')} loaded, {total('duplicates')} duplicates, "
            f"{total('quarantined')} held back, {total('skipped')} skipped."
            + (f" Warnings of the audit: {warnings}." if warnings else "")
        ]

    def _own_build(self) -> list[str]:
        build = self.build
        if build is None:
            return []
        words = {"succeeded": "", "running": " has not ended", "failed": " failed"}[build.status]
        told = [
            f"Build {build.build_id}{words}: {len(build.load_dates)} load day{'s' * (len(build.load_dates) != 1)}"
            f"{', everything anew' if build.is_full else ''}, {build.models} models, {build.rows_written:,} rows "
            "written."
        ]
        if build.computed_anew and not build.is_full:
            told.append(f"Computed anew as a whole: {_some(build.computed_anew)}.")
        told += [f"Failed: {sentence}" for sentence in build.broken[:NAMED]]
        told += [f"The audit of the marts: {sentence}" for sentence in build.findings[:NAMED]]
        return told


def run_summary(connection: Connection, run_id: str) -> RunSummary:
    """What is recorded of a run in `ops`; a run that is not known has no days."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("run_days"), {"run_id": run_id})
        days = [DayAccount(*row) for row in cursor.fetchall()]
        cursor.execute(statement("run_build"), {"run_id": run_id})
        build = cursor.fetchone()
    return RunSummary(run_id, days, BuildAccount(*build) if build else None)


def _days(days: Sequence[DayAccount]) -> str:
    dates = sorted(day.load_date for day in days)
    if len(dates) > NAMED and (dates[-1] - dates[0]).days == len(dates) - 1:
        return f"{dates[0]} to {dates[-1]} ({len(dates)} days)"
    return _some([str(day) for day in dates])


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
