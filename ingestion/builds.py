"""Which load days are in the marts: builds claim published days, finish them, or release them."""

import datetime
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from ingestion.errors import BuildError
from ingestion.statements import statement

BUILD_LOCK = (0x656C_7402, 0)  # held for the moment in which builds are claimed, finished or released


@dataclass(frozen=True)
class Build:
    """One pass of dbt over one or more load days: what `claim` gives, and `finish` and `release` take.

    Attributes:
        holder: who runs it: Airflow's run_id, or a name.
    """

    build_id: int
    holder: str
    load_dates: tuple[datetime.date, ...]


@dataclass(frozen=True)
class BuildState:
    """The build that runs now, if any, and the published days that are not in the marts."""

    running: Build | None
    unbuilt: frozenset[datetime.date]


def pending_rebuilds(connection: Connection) -> dict[str, str]:
    """The models that the next build computes anew, all of their rows, each with the reason."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("pending_rebuilds"))
        return dict(cursor.fetchall())


def build_state(connection: Connection) -> BuildState:
    """Look, without a lock and without claiming anything."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("build_state"))
        unbuilt, *running = cursor.fetchone()
        return BuildState(_build(running) if running[0] else None, frozenset(unbuilt))


def build_of(connection: Connection, holder: str) -> Build | None:
    """The newest build of a holder, whatever became of it; None when it never had one."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("build_of_holder"), {"holder": holder})
        found = cursor.fetchone()
        return _build(found) if found else None


def first_unbuilt_day(connection: Connection, first: datetime.date, last: datetime.date) -> datetime.date | None:
    """The first day from `first` to `last` that is not in the marts as published last; None when all of them are."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("first_unbuilt_day"), {"first": first, "last": last})
        return cursor.fetchone()[0]


def claim(
    connection: Connection, holder: str, load_dates: Sequence[datetime.date], *, rebuild: bool = False
) -> Build | None:
    """Ask for a build that puts `load_dates` into the marts, and commit.

    Gives the holder's build, or the build of another holder, which has to end first; None when all days asked for are
    in the marts. A build takes every published day that is not built, whoever asks first; with `rebuild` it takes every
    published day, and computes everything anew. A holder that asks again while its build runs (a task that is retried)
    gets the same build. Raises `BuildError` when a day is not published.
    """
    with _alone(connection) as cursor:
        cursor.execute(statement("running_build"))
        found = cursor.fetchone()
        running = _build(found) if found else None
        if running is not None and running.holder == holder:
            return running
        cursor.execute(statement("days_to_build"), {"load_dates": list(load_dates), "rebuild": rebuild})
        unpublished, is_built = cursor.fetchone()
        if unpublished:
            raise BuildError(
                f"not published: {', '.join(map(str, unpublished))}.\nRemedy: load and publish these days first."
            )
        if is_built or running is not None:
            return None if is_built else running
        cursor.execute(statement("claim_days"), {"holder": holder, "rebuild": rebuild})
        return _build(cursor.fetchone())


def finish(connection: Connection, build: Build) -> None:
    """The build's days are in the marts as they were published when it was claimed; commits.

    A day that was published again meanwhile stays unbuilt. Does nothing for a build that is finished already.
    Raises `BuildError` for one that was released.
    """
    with _alone(connection) as cursor:
        cursor.execute("select status from ops.build where build_id = %s", [build.build_id])
        found = cursor.fetchone()
        if found is None or found[0] == "failed":
            raise BuildError(
                f"build {build.build_id} {'does not exist' if found is None else 'was released'}; its days are not"
                f" built.\nRemedy: claim the days again."
            )
        if found[0] == "running":
            cursor.execute(statement("finish_build"), {"build": build.build_id})
            cursor.execute(statement("table_sizes"), {"build": build.build_id})


def release(connection: Connection, build: Build) -> bool:
    """Give up a build, and commit: its days can be claimed again. Gives False when it does not run any more."""
    with _alone(connection) as cursor:
        cursor.execute(statement("release_build"), {"build": build.build_id})
        return cursor.fetchone() is not None


def record_run_start(
    connection: Connection,
    run_id: str,
    *,
    dag_id: str,
    run_type: str,
    first_load_date: datetime.date | None,
    last_load_date: datetime.date | None,
    started_at: datetime.datetime,
) -> None:
    """Write that a run of the DAG began, or began again; commits. Without days it is for all that are published."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            statement("run_start"),
            {
                "run_id": run_id,
                "dag_id": dag_id,
                "run_type": run_type,
                "first_load_date": first_load_date,
                "last_load_date": last_load_date,
                "started_at": started_at,
            },
        )


def record_run_end(connection: Connection, run_id: str, *, succeeded: bool, finished_at: datetime.datetime) -> None:
    """Write how a run of the DAG ended; commits."""
    with connection, connection.cursor() as cursor:
        cursor.execute(
            statement("run_end"),
            {
                "run_id": run_id,
                "status": "succeeded" if succeeded else "failed",
                "finished_at": finished_at,
            },
        )


@contextmanager
def _alone(connection: Connection) -> Iterator[Cursor]:
    """A transaction in which nobody else claims, finishes or releases a build."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", BUILD_LOCK)
        yield cursor


def _build(row: Sequence) -> Build:
    build_id, holder, load_dates = row
    return Build(build_id, holder, tuple(load_dates))
