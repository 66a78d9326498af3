"""The whole stack, as a person meets it: up, again, killed, healed, two days through Airflow, stopped, gone.

One story on one stack, in a copy of the project whose path has a space in it. About two minutes.
"""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from ingestion.warehouse import ROLES
from local.stack import AIRFLOW
from tests.checkout import Checkout, copy_to


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Iterator[Checkout]:
    made = Checkout(copy_to(tmp_path_factory.mktemp("stack") / "a project"))
    yield made
    home = made.stack.settings.server.home
    assert made.make("clean").returncode == 0
    assert not (made.folder / ".local").exists() and not home.exists()


def test_taken_ports_are_named_with_their_setting(checkout):
    for setting in ("WAREHOUSE_PORT", "AIRFLOW_PORT"):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            refused = checkout.make("up", **{setting: str(port)})
        assert refused.returncode != 0
        assert f"port {port} on 127.0.0.1 is taken" in refused.stdout and setting in refused.stdout
        assert "Traceback" not in refused.stdout


def test_up_continues_what_was_begun_and_then_has_nothing_to_do(checkout):
    # PostgreSQL came up on another port in the test before: that is said, and mended by stop and up.
    assert checkout.make("stop").returncode == 0
    assert checkout.make("up").returncode == 0
    before = checkout.pids()
    assert all(before.values())
    again = checkout.make("up")
    assert (again.returncode, again.stdout) == (0, "")
    assert checkout.pids() == before


def test_everything_listens_on_this_machine_alone(checkout):
    listening = set()
    for program in checkout.stack.programs().values():
        for process in program.members():
            with suppress(psutil.NoSuchProcess):  # some end meanwhile
                connections = process.net_connections("tcp")
                listening |= {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    assert listening == {"127.0.0.1"}


def test_psql_reads_standard_input_as_any_role(checkout):
    for role in ROLES:
        said = checkout.make("psql", f"ROLE={role}", stdin="\\t on\nselect current_user;\n")
        assert said.stdout.split() == [role]
    assert checkout.make("psql", stdin="select nonsense;\nselect 1;\n").returncode != 0


def test_what_was_killed_is_started_again(checkout):
    before = checkout.pids()
    postmaster = int((checkout.stack.settings.server.data / "postmaster.pid").read_text().split()[0])
    os.kill(before["scheduler"], signal.SIGKILL)
    os.kill(postmaster, signal.SIGKILL)
    time.sleep(1)
    guard = checkout.stack.guard()
    assert guard.is_running()
    status = checkout.make("status")
    assert status.returncode == 2 and "stopped" in status.stdout
    assert checkout.make("up").returncode == 0
    assert checkout.pids()["scheduler"] != before["scheduler"]
    assert checkout.make("status").returncode == 0


def test_what_lost_its_database_is_started_again(checkout):
    before = checkout.pids()
    postmaster = psutil.Process(int((checkout.stack.settings.server.data / "postmaster.pid").read_text().split()[0]))
    backend = next(each for each in postmaster.children() if " airflow 127.0.0.1" in " ".join(each.cmdline()))
    backend.kill()  # PostgreSQL ends all others and repairs itself; Airflow's programs notice, one after the other
    backend.wait()
    assert checkout.make("up").returncode == 0
    after = checkout.pids()
    assert before.keys() == after.keys() and not set(before.values()) & set(after.values())
    assert checkout.make("up").stdout == ""


def notes_of_backfill(checkout, count: int) -> list[str]:
    """The notes of the runs, which come when the scheduler has seen their end."""
    for _ in range(60):
        runs = checkout.stack.api().get("/dags/engagement_daily/dagRuns", run_type="backfill", limit=count)["dag_runs"]
        notes = [run["note"] for run in runs if run["note"]]
        if len(notes) == count:
            return notes
        time.sleep(0.5)
    raise AssertionError(f"these notes came: {notes}")


def test_demo_brings_days_into_the_marts_and_then_only_what_is_missing(checkout):
    done = checkout.make("demo")
    assert done.returncode == 0
    assert "2/2 days in the marts" in done.stdout
    for shown in ("DAU", "login: admin /", "data_docs/index.html", "dbt_docs/static_index.html", "make psql"):
        assert shown in done.stdout
    query = "\\t on\nselect count(*), bool_and(built_version = version) from ops.load_day;\n"
    assert checkout.make("psql", stdin=query).stdout.split() == ["2", "|", "t"]
    assert all(note.startswith("In the marts: ") for note in notes_of_backfill(checkout, 2))
    # One run has built the days of both. The other is green, without having taken a worker for it.
    states = []
    for run in checkout.stack.api().get("/dags/engagement_daily/dagRuns", run_type="backfill", limit=2)["dag_runs"]:
        path = f"/dags/engagement_daily/dagRuns/{run['dag_run_id']}/taskInstances"
        tasks = checkout.stack.api().get(path, limit=200)["task_instances"]
        found = {task["task_id"]: task["state"] for task in tasks}
        states.append((found["claim"], found["built_by_another_run"], found["build_backlog"], found["finish"]))
    builder, other = sorted(states)
    assert builder == ("success", "skipped", "success", "success")
    assert other == ("success", "success", "skipped", "skipped")
    assert checkout.make("demo").returncode == 0
    assert checkout.make("psql", stdin="\\t on\nselect count(*) from ops.run;\n").stdout.split() == ["2"]


def test_status_says_what_a_changed_definition_has_computed_anew(checkout):
    project = checkout.stack.settings.project / "dbt" / "dbt_project.yml"
    before = project.read_text()
    project.write_text(before.replace("session_idle_minutes: 30", "session_idle_minutes: 45"))
    try:
        assert "since `make up`" in checkout.make("status").stdout
        assert checkout.make("up").returncode == 0
        said = checkout.make("status").stdout
        assert "since `make up`" not in said and "fact_sessions: the variable session_idle_minutes" in said
        assert "dim_user: " not in said
    finally:
        project.write_text(before)
        assert checkout.make("up").returncode == 0


def test_stop_leaves_nothing_running(checkout):
    programs = [*checkout.stack.programs().values(), checkout.stack.guard()]
    members = [process for program in programs for process in program.members()]
    assert len(members) > len(AIRFLOW)
    assert checkout.make("stop").returncode == 0
    assert not any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in members)
    assert not checkout.stack.settings.server.is_running()
    for port in checkout.ports.values():
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(port))) != 0
    assert checkout.make("stop").returncode == 0
