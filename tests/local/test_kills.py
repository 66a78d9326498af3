"""A backfill goes on after kills, and ends in the warehouse that a full rebuild of the same days gives.

One story on one stack, while days are on their way: its scheduler is killed with one of PostgreSQL's processes, after
which PostgreSQL ends all others and repairs itself; then a task, and all of PostgreSQL. In the end a run begins again
that had claimed a build before it was killed.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import timedelta

import psutil
import psycopg2
import pytest
from psycopg2 import sql

from ingestion.service import claim
from tests.checkout import Checkout, copy_to
from tests.dbt.helpers import BUILT_SCHEMAS

DAYS = 20  # enough that a machine at leisure is not through before the last kill


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Iterator[Checkout]:
    made = Checkout(copy_to(tmp_path_factory.mktemp("kills")), days=DAYS)
    yield made
    assert made.make("clean").returncode == 0


def test_a_backfill_that_is_killed_again_and_again_ends_in_the_same_warehouse(checkout):
    assert checkout.make("up").returncode == 0
    before = checkout.pids()

    demo = begin(checkout)
    until(lambda: published(checkout) >= 2, demo)
    os.killpg(demo.pid, signal.SIGINT)
    said, _ = demo.communicate()
    assert "what was started goes on" in said
    until(lambda: kill_a_backend(checkout))
    os.kill(before["scheduler"], signal.SIGKILL)
    time.sleep(1)
    assert checkout.stack.guard().is_running()
    status = checkout.make("status")
    assert status.returncode == 2 and "stopped" in status.stdout
    assert checkout.make("up").returncode == 0
    after = checkout.pids()
    assert before.keys() == after.keys() and not set(before.values()) & set(after.values())
    assert checkout.make("up").stdout == ""
    assert checkout.make("status").returncode == 0

    demo = begin(checkout)
    assert "following them first" in demo.stdout.readline()  # from here on it starts nothing anew
    so_far = published(checkout)
    until(lambda: published(checkout) > so_far and kill_a_task(checkout), demo)
    until(lambda: published(checkout) > so_far + 1, demo)
    os.kill(postmaster(checkout), signal.SIGKILL)
    said, _ = demo.communicate()
    assert demo.returncode != 0 and "make up" in said
    assert checkout.make("up").returncode == 0
    assert checkout.make("demo").returncode == 0

    assert checkout.ask("select count(*), bool_and(built_version = version) from ops.load_day") == [(DAYS, True)]
    assert checkout.ask("select * from ops.file_load where lines_read <> loaded + duplicates + quarantined") == []
    begin_again_what_claimed(checkout, "manual__killed")
    left = tables(checkout)
    assert checkout.make("rebuild").returncode == 0
    assert left == tables(checkout)


def begin(checkout: Checkout) -> subprocess.Popen:
    """`make demo`, in a process group of its own."""
    return subprocess.Popen(
        ["make", "-s", "demo"],
        cwd=checkout.folder,
        env=checkout.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        process_group=0,
    )


def until(condition: Callable[[], object], demo: subprocess.Popen | None = None, seconds: float = 300) -> None:
    """Wait for what must come, and if there is a demo, before it ends."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert demo is None or demo.poll() is None, f"too late: {demo.communicate()[0]}"
        assert time.monotonic() < deadline
        time.sleep(0.1)


def begin_again_what_claimed(checkout: Checkout, run_id: str) -> None:
    """Start a run whose id holds a build already, as that of a run does that was killed while it built."""
    day = str(checkout.today - timedelta(days=1))
    with closing(checkout.stack.settings.warehouse.connect("loader")) as connection:
        former = claim(connection, run_id, [], rebuild=True)
    run = {"dag_run_id": run_id, "logical_date": None, "conf": {"start": day, "end": day}}
    api, dag_runs = checkout.stack.api(), "/dags/engagement_daily/dagRuns"
    api.post(dag_runs, run)
    until(lambda: api.get(f"{dag_runs}/{run_id}")["state"] not in ("queued", "running"), seconds=120)
    assert api.get(f"{dag_runs}/{run_id}")["state"] == "success"
    assert checkout.ask("select status from ops.build where build_id = %s", former.build_id) == [("failed",)]


def kill_a_task(checkout: Checkout) -> bool:
    scheduler = psutil.Process(checkout.pids()["scheduler"])
    for worker in scheduler.children():
        for task in worker.children():
            if task.status() != psutil.STATUS_ZOMBIE:
                task.kill()
                return True
    return False


def kill_a_backend(checkout: Checkout) -> bool:
    """Kill one that works for the warehouse; PostgreSQL then ends all others and repairs itself."""
    for backend in psutil.Process(postmaster(checkout)).children():
        with suppress(psutil.NoSuchProcess):
            if " engagement 127.0.0.1" in " ".join(backend.cmdline()):
                backend.kill()
                return True
    return False


def postmaster(checkout: Checkout) -> int:
    return int((checkout.stack.settings.server.data / "postmaster.pid").read_text().split()[0])


def published(checkout: Checkout) -> int:
    try:
        return checkout.ask("select count(*) from ops.load_day")[0][0]
    except psycopg2.OperationalError:
        return 0


def tables(checkout: Checkout) -> dict[str, tuple]:
    """The number of rows and a digest of each table and view that dbt builds, and of what it builds from."""
    relations = checkout.ask(
        "select table_schema, table_name from information_schema.tables where table_schema in %s",
        ("raw", *BUILT_SCHEMAS),
    )
    digest = "select count(*), sum(hashtextextended(kept::text, 0)::numeric) from {} as kept"
    found = {name: checkout.ask(sql.SQL(digest).format(sql.Identifier(*name)))[0] for name in relations}
    assert found["core", "fact_user_events"][0] > 0
    return found
