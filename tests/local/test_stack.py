"""The whole stack, as a person meets it: up, again, days that fail and come, shown, backed up, restored, gone.

One story on one stack, in a copy of the project whose path has a space in it. A day fails, people are told, it is
mended, people are told; then the older days come. Messages go to a webhook of the test.
"""

import json
import socket
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import date, timedelta
from pathlib import Path

import httpx
import psutil
import pytest

from ingestion.warehouse import ROLES
from local.backup import checksums
from local.stack import AIRFLOW
from tests.alerts.servers import Webhook, served
from tests.checkout import Checkout, copy_to

DAYS = 4
PAGES = ("data-docs/", "report", "dbt-docs", "drift", "runs/nobody")


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    with served(Webhook()) as server:
        yield server


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, webhook) -> Iterator[Checkout]:
    made = Checkout(copy_to(tmp_path_factory.mktemp("stack") / "a project"), days=DAYS)
    made.environment["ALERT_URL"] = webhook.url
    yield made
    home = made.stack.settings.server.home
    assert made.make("clean").returncode == 0
    assert not (made.folder / ".local").exists() and not home.exists()


@pytest.fixture(scope="module")
def days(checkout) -> tuple[date, date]:
    """The newest two, which are built in one pass: the day before yesterday, and yesterday."""
    return checkout.today - timedelta(days=2), checkout.today - timedelta(days=1)


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


def test_an_address_that_cannot_be_stops_make_up_before_anything_starts(checkout):
    refused = checkout.make("up", ALERT_URL="carrier-pigeon://loft")
    assert refused.returncode != 0 and "ALERT_URL" in refused.stdout and "Traceback" not in refused.stdout


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


def newest_runs(checkout: Checkout, run_type: str, count: int = 1) -> list[dict]:
    """The newest runs of a type: `manual`, `backfill`, or `operator_triggered`, those of time-lapse."""
    runs = checkout.stack.api().get(
        "/dags/engagement_daily/dagRuns", order_by="-run_after", run_type=run_type, limit=count
    )
    return runs["dag_runs"]


def notes_of(checkout: Checkout, run_type: str, count: int = 1) -> list[str]:
    """The notes of the newest runs of a type, which come when the scheduler has seen their end."""
    for _ in range(60):
        notes = [run["note"] for run in newest_runs(checkout, run_type, count) if run["note"]]
        if len(notes) == count:
            return notes
        time.sleep(0.5)
    raise AssertionError(f"these notes came: {notes}")


def backfill(checkout: Checkout, days: tuple[date, date]) -> int:
    return checkout.make("backfill", f"START={days[0]}", f"END={days[1]}").returncode


def test_a_day_that_fails_is_told_in_words_that_lead_to_the_mending(checkout, webhook, days):
    assert checkout.make("alert-test").returncode == 0
    assert webhook.titles == ["A test"]
    folder = checkout.folder / ".local" / "landing" / "app" / str(days[1])
    folder.mkdir(parents=True)
    (folder / "surprise.xyz").write_text("nobody expects it")
    assert backfill(checkout, days) != 0
    # The run of these days, and the daily run of yesterday, fail for one reason: whichever comes first is told.
    assert webhook.titles[1:] in (
        [f"load failed: load days {days[0]} to {days[1]} (2)"],
        [f"load failed: load day {days[1]}"],
    )
    text = webhook.got[-1]["message"]
    assert "surprise.xyz matches no pattern" in text and "Remedy: rename the file" in text
    assert f"http://127.0.0.1:{checkout.ports['AIRFLOW_PORT']}/dags/engagement_daily/runs/" in text
    [note] = notes_of(checkout, "manual")
    assert note.startswith("Failed: load.")
    assert backfill(checkout, days) != 0
    assert len(webhook.got) == 2, "the same cause is no second message"


def test_when_the_day_came_people_are_told_and_the_run_says_what_it_did(checkout, webhook, days):
    (checkout.folder / ".local" / "landing" / "app" / str(days[1]) / "surprise.xyz").unlink()
    assert backfill(checkout, days) == 0
    assert webhook.titles[2:] == [f"Over: {webhook.titles[1]}"]
    [note] = notes_of(checkout, "manual")
    assert note.startswith(f"In the marts: {days[0]}, {days[1]}.")
    assert " held back, " in note and "Build 1: 2 load" in note
    query = "\\t on\n\\a\nselect sum(loaded) from ops.load where status = 'published';\n"
    assert f"{int(checkout.make('psql', stdin=query).stdout):,} loaded" in note, "as the warehouse counts"


def test_demo_brings_what_is_missing_into_the_marts_and_then_has_nothing_to_do(checkout):
    done = checkout.make("demo")
    assert done.returncode == 0
    assert f"{DAYS}/{DAYS} days in the marts" in done.stdout
    for shown in ("DAU", "login: admin /", "data_docs/index.html", "dbt_docs/static_index.html", "make psql"):
        assert shown in done.stdout
    query = "\\t on\nselect count(*), bool_and(built_version = version) from ops.load_day;\n"
    assert checkout.make("psql", stdin=query).stdout.split() == [str(DAYS), "|", "t"]
    assert all(note.startswith("In the marts: ") for note in notes_of(checkout, "backfill", 2))
    # One run has built the days of both. The other is green, without having taken a worker for it.
    states = []
    for run in newest_runs(checkout, "backfill", 2):
        path = f"/dags/engagement_daily/dagRuns/{run['dag_run_id']}/taskInstances"
        tasks = checkout.stack.api().get(path, limit=200)["task_instances"]
        found = {task["task_id"]: task["state"] for task in tasks}
        states.append((found["claim"], found["built_by_another_run"], found["build_backlog"], found["finish"]))
    builder, other = sorted(states)
    assert builder == ("success", "skipped", "success", "success")
    assert other == ("success", "success", "skipped", "skipped")
    # The views have stood since the first build.
    views = (
        "\\t on\nselect build_id, count(*) filter (where schema_name = 'reporting') > 0 from ops.model_run"
        " where build_id is not null group by build_id order by build_id;\n"
    )
    assert checkout.make("psql", stdin=views).stdout.split() == ["1", "|", "t", "2", "|", "f"]
    runs = "\\t on\nselect count(*) from ops.run;\n"
    before = checkout.make("psql", stdin=runs).stdout
    assert checkout.make("demo").returncode == 0
    assert checkout.make("psql", stdin=runs).stdout == before


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


def test_the_report_and_the_command_line_of_airflow_are_at_hand(checkout):
    said = checkout.make("report")
    assert said.returncode == 0 and str(checkout.today - timedelta(days=1)) in Path(said.stdout.strip()).read_text()
    said = checkout.make("airflow", "ARGS=dags list-runs engagement_daily")
    assert said.returncode == 0 and "success" in said.stdout


def test_a_stranger_gets_no_page_and_whoever_has_logged_in_gets_them(checkout, days):
    settings = checkout.stack.settings
    url = f"{settings.airflow_url}/engagement"
    login = {"username": "admin", "password": settings["AIRFLOW_ADMIN_PASSWORD"]}
    token = httpx.post(f"{settings.airflow_url}/auth/token", json=login).json()["access_token"]
    shown = {}
    with httpx.Client(cookies={"_token": token}, timeout=120) as user, httpx.Client(timeout=120) as stranger:
        for page in PAGES:
            refused = stranger.get(f"{url}/{page}")
            assert refused.status_code == 401 and len(refused.content) < 200, page
            forged = stranger.get(f"{url}/{page}", headers={"Cookie": f"_token={token[:-4]}AAAA"})
            assert forged.status_code in (401, 403), page
            answer = user.get(f"{url}/{page}")
            assert answer.status_code == 200, f"{page}: {answer.text}"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            shown[page] = answer.text
        [run] = newest_runs(checkout, "manual")
        summary = user.get(f"{url}/runs/{run['dag_run_id'].replace('+', '%2B')}").text
        assert user.get(f"{url}/data-docs/%2e%2e%2fpasswords.json").status_code == 404
    assert f"In the marts: {days[0]}, {days[1]}." in summary
    assert str(days[1]) in shown["data-docs/"] and "fact_user_events" in shown["dbt-docs"]
    assert "Engagement report" in shown["report"]
    # On some days of the calendar all postal codes that land are digits, and on the next are not.
    drift = "\\t on\n\\a\nselect detail from ops.field_drift;\n"
    details = checkout.make("psql", stdin=drift).stdout.splitlines()
    assert all(detail in shown["drift"] for detail in details or ["No field has changed."])
    assert ("No field has changed." in shown["drift"]) == (not details)


def test_the_pages_are_in_the_menu_and_the_summary_is_on_each_run(checkout):
    plugins = checkout.stack.api().get("/plugins")["plugins"]
    [ours] = [plugin for plugin in plugins if plugin["name"] == "engagement"]
    places = {view["name"]: view["destination"] for view in ours["external_views"]}
    assert places == {**dict.fromkeys(("Data Docs", "KPI report", "dbt docs", "Source drift"), "nav"),
                      "Summary": "dag_run"}  # fmt: skip
    assert checkout.stack.api().get("/importErrors")["total_entries"] == 0


def test_time_lapse_brings_the_day_that_is_missing_until_it_is_off(checkout):
    first = checkout.today - timedelta(days=DAYS)
    published_again = f"update ops.load_day set version = version + 1 where load_date = '{first}';"
    assert checkout.make("psql", "ROLE=owner", stdin=published_again).returncode == 0
    said = checkout.make("timelapse", "FACTOR=300")
    assert said.returncode == 0
    assert "every 4.8 minutes" in said.stdout and f"{DAYS - 1} of {DAYS} days" in said.stdout
    built = "\\t on\nselect count(*) from ops.load_day where built_version = version;\n"
    for _ in range(120):
        if int(checkout.make("psql", stdin=built).stdout) == DAYS:
            break
        time.sleep(1)
    said = checkout.make("timelapse", "FACTOR=0")  # waits for the end of the day's run
    assert said.returncode == 0 and "engagement_daily runs every day at 00:00 UTC" in said.stdout
    [note] = notes_of(checkout, "operator_triggered")
    assert note.startswith(f"In the marts: {first}.")
    assert checkout.make("timelapse", "FACTOR=0").stdout.strip() == "Time-lapse is off."


def test_a_backup_is_restored_as_it_was_and_a_damaged_one_changes_nothing(checkout):
    made = checkout.make("backup", "TO=.local/backups/one")
    assert made.returncode == 0
    folder = checkout.folder / ".local" / "backups" / "one"
    assert folder.stat().st_mode & 0o077 == 0, "it holds passwords"
    before = checksums_of(checkout)
    assert (
        before["marts.mart_engagement"][0] > 0
        and before == json.loads((folder / "contents.json").read_text())["databases"]["warehouse"]
    )
    damage = "update ops.load_day set version = 99; truncate marts.mart_engagement; drop table core.dim_user cascade;"
    assert checkout.make("psql", "ROLE=owner", stdin=damage).returncode == 0
    damaged = checksums_of(checkout)

    contents = folder / "contents.json"
    right = contents.read_text()
    contents.write_text(right.replace(f'"{before["ops.load_day"][1]}"', '"1"'))
    refused = checkout.make("restore", "FROM=.local/backups/one")
    assert refused.returncode != 0 and "ops.load_day" in refused.stdout and "Traceback" not in refused.stdout
    assert checkout.make("up").returncode == 0
    assert checksums_of(checkout) == damaged

    contents.write_text(right)
    restored = checkout.make("restore", "FROM=.local/backups/one")
    assert restored.returncode == 0 and "tables are as they were" in restored.stdout
    after = checksums_of(checkout)
    # `make up` makes the views anew, and records that and the definitions of the models.
    assert {name for name in before | after if before.get(name) != after.get(name)} <= {
        "ops.model_definition",
        "ops.model_run",
    }
    assert newest_runs(checkout, "manual")[0]["note"], "Airflow's own database came back, too"
    assert checkout.make("restore", "FROM=.local").returncode != 0


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


def checksums_of(checkout: Checkout) -> dict[str, list]:
    settings = checkout.stack.settings
    with closing(settings.server.connect(settings.warehouse.database)) as connection:
        return checksums(connection)
