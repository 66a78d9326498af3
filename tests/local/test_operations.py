"""What the people on call meet, on a real stack: messages, notes on runs, pages behind Airflow's login.

One story on two days, which are built in one pass: a day fails, people are told, it is mended, people are told.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta

import httpx
import pytest

from local.backup import checksums
from tests.alerts.servers import Webhook, served
from tests.checkout import Checkout, copy_to

PAGES = ("data-docs/", "report", "dbt-docs", "drift", "runs/nobody")


@pytest.fixture(scope="module")
def webhook() -> Iterator[Webhook]:
    with served(Webhook()) as server:
        yield server


@pytest.fixture(scope="module")
def checkout(tmp_path_factory, webhook) -> Iterator[Checkout]:
    made = Checkout(copy_to(tmp_path_factory.mktemp("operations") / "project"), days=2)
    made.environment["ALERT_URL"] = webhook.url
    yield made
    assert made.make("clean").returncode == 0


@pytest.fixture(scope="module")
def days(checkout) -> tuple[date, date]:
    """All that the company has: yesterday, and the day before it first."""
    return checkout.today - timedelta(days=2), checkout.today - timedelta(days=1)


def newest_run(checkout: Checkout) -> dict:
    """The newest run that was triggered; not the daily one, which begins when the DAG is no longer paused."""
    runs = checkout.stack.api().get("/dags/engagement_daily/dagRuns", order_by="-run_after", run_type="manual", limit=1)
    return runs["dag_runs"][0]


def note_of_newest_run(checkout: Checkout) -> str:
    """The note comes when the scheduler has seen the end of the run."""
    for _ in range(60):
        note = newest_run(checkout)["note"]
        if note:
            return note
        time.sleep(0.5)
    raise AssertionError("no note")


def backfill(checkout: Checkout, days: tuple[date, date]) -> int:
    return checkout.make("backfill", f"START={days[0]}", f"END={days[1]}").returncode


def test_an_address_that_cannot_be_stops_make_up_before_anything_starts(checkout):
    refused = checkout.make("up", ALERT_URL="carrier-pigeon://loft")
    assert refused.returncode != 0 and "ALERT_URL" in refused.stdout and "Traceback" not in refused.stdout
    assert checkout.make("alert-test").returncode == 0


def test_a_day_that_fails_is_told_in_words_that_lead_to_the_mending(checkout, webhook, days):
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
    assert note_of_newest_run(checkout).startswith("Failed: load.")
    assert backfill(checkout, days) != 0
    assert len(webhook.got) == 2, "the same cause is no second message"


def test_when_the_day_came_people_are_told_and_the_run_says_what_it_did(checkout, webhook, days):
    (checkout.folder / ".local" / "landing" / "app" / str(days[1]) / "surprise.xyz").unlink()
    assert backfill(checkout, days) == 0
    assert webhook.titles[2:] == [f"Over: {webhook.titles[1]}"]
    note = note_of_newest_run(checkout)
    assert note.startswith(f"In the marts: {days[0]}, {days[1]}.")
    assert " held back, " in note and "Build 1: 2 load" in note
    query = "\\t on\n\\a\nselect sum(loaded) from ops.load where status = 'published';\n"
    assert f"{int(checkout.make('psql', stdin=query).stdout):,} loaded" in note, "as the warehouse counts"


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
        summary = user.get(f"{url}/runs/{newest_run(checkout)['dag_run_id'].replace('+', '%2B')}").text
        assert user.get(f"{url}/data-docs/%2e%2e%2fpasswords.json").status_code == 404
    assert f"In the marts: {days[0]}, {days[1]}." in summary
    assert str(days[1]) in shown["data-docs/"] and "fact_user_events" in shown["dbt-docs"]
    assert "Engagement report" in shown["report"] and "No field has changed." in shown["drift"]


def test_the_pages_are_in_the_menu_and_the_summary_is_on_each_run(checkout):
    plugins = checkout.stack.api().get("/plugins")["plugins"]
    [ours] = [plugin for plugin in plugins if plugin["name"] == "engagement"]
    places = {view["name"]: view["destination"] for view in ours["external_views"]}
    assert places == {**dict.fromkeys(("Data Docs", "KPI report", "dbt docs", "Source drift"), "nav"),
                      "Summary": "dag_run"}  # fmt: skip
    assert checkout.stack.api().get("/importErrors")["total_entries"] == 0


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
    assert newest_run(checkout)["note"], "Airflow's own database came back, too"
    assert checkout.make("restore", "FROM=.local").returncode != 0


def checksums_of(checkout: Checkout) -> dict[str, list]:
    settings = checkout.stack.settings
    with closing(settings.server.connect(settings.warehouse.database)) as connection:
        return checksums(connection)
