"""Which load days are in the marts: builds claim published days, finish them, or release them."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg2.extensions import connection as Connection

from ingestion.errors import BuildError
from ingestion.statements import statement

BUILD_LOCK = (0x656C_7402, 0)  # held for the moment in which builds are claimed, finished or released


@dataclass(frozen=True)
class Claim:
    """The answer to a claim.

    Attributes:
        kind: `single` or `backlog`: a build of one or more days is ours. `built`: all days asked for are in the
            marts. `busy`: another build runs.
        build_id: the build that is ours, or that we wait for; None when built.
        load_dates: the days of that build.
        holder: who holds it.
    """

    kind: str
    build_id: int | None
    load_dates: tuple[datetime.date, ...]
    holder: str | None


@dataclass(frozen=True)
class BuildState:
    """Who builds now, if anybody, and the published days that are not in the marts."""

    holder: str | None
    unbuilt: frozenset[datetime.date]


def build_state(connection: Connection) -> BuildState:
    """Look, without a lock and without claiming anything."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("build_state"))
        holder, unbuilt = cursor.fetchone()
        return BuildState(holder, frozenset(unbuilt))


def first_unbuilt_day(connection: Connection, first: datetime.date, last: datetime.date) -> datetime.date | None:
    """The first day from `first` to `last` that is not in the marts as published last; None when all of them are."""
    with connection, connection.cursor() as cursor:
        cursor.execute(statement("first_unbuilt_day"), {"first": first, "last": last})
        return cursor.fetchone()[0]


def claim(connection: Connection, holder: str, load_dates: Sequence[datetime.date], *, rebuild: bool = False) -> Claim:
    """Ask for a build that puts `load_dates` into the marts, and commit.

    A build takes every published day that is not built, whoever asks first; with `rebuild` it takes every published
    day, and computes everything anew. A holder that asks again while its build runs (a task that is retried) gets the
    same build. Raises `BuildError` when a day is not published.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", BUILD_LOCK)
        cursor.execute(statement("running_build"))
        running = cursor.fetchone()
        if running is not None and running[1] == holder:
            return _ours(*running)
        cursor.execute(statement("unbuilt_days"), {"load_dates": list(load_dates)})
        unpublished, unbuilt = cursor.fetchone()
        if unpublished:
            raise BuildError(
                f"not published: {', '.join(map(str, unpublished))}.\nRemedy: load and publish these days first."
            )
        if rebuild:
            cursor.execute("select array_agg(load_date) from ops.load_day")
            (unbuilt,) = cursor.fetchone()
        if not unbuilt:
            return Claim("built", None, (), None)
        if running is not None:
            build_id, other, days = running
            return Claim("busy", build_id, tuple(days), other)
        cursor.execute(statement("claim_days"), {"holder": holder, "rebuild": rebuild})
        return _ours(*cursor.fetchone())


def finish(connection: Connection, build_id: int) -> None:
    """The build's days are in the marts as they were published when it was claimed; commits.

    A day that was published again meanwhile stays unbuilt. Does nothing for a build that is finished already.
    Raises `BuildError` for one that was released.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", BUILD_LOCK)
        cursor.execute("select status from ops.build where build_id = %s", [build_id])
        found = cursor.fetchone()
        if found is None or found[0] == "failed":
            raise BuildError(
                f"build {build_id} {'does not exist' if found is None else 'was released'}; its days are not built.\n"
                f"Remedy: claim the days again."
            )
        if found[0] == "running":
            cursor.execute(statement("finish_build"), {"build": build_id})
            cursor.execute(statement("table_sizes"), {"build": build_id})


def release(connection: Connection, holder: str) -> int | None:
    """Give up the running build of a holder, and commit: its days can be claimed again. Gives the build's id."""
    with connection, connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s, %s)", BUILD_LOCK)
        cursor.execute(statement("release_build"), {"holder": holder})
        released = cursor.fetchone()
        return released[0] if released else None


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


def _ours(build_id: int, holder: str, load_dates: list[datetime.date]) -> Claim:
    return Claim("single" if len(load_dates) == 1 else "backlog", build_id, tuple(load_dates), holder)
