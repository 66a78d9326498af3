"""Airflow's own tables: their reader sees the columns that panels and rules use, and nothing else."""

import json
from datetime import UTC, datetime

import psycopg2
import pytest
from airflow.models import import_all_models
from airflow.models.base import Base
from sqlalchemy import create_engine

from dashboards.grafana import airflow_reader
from dashboards.grafana.__main__ import HERE
from tests.dashboards import grafana
from tests.dashboards.test_grafana_alerts import PROVISIONED, rendered

OPERATIONS = json.loads((HERE / "dashboards" / "operations.json").read_text())
PANELS = {panel["title"]: panel for panel in grafana.panels(OPERATIONS) if panel["datasource"]["uid"] == "airflow"}
SECRET = "it's $ecret"
DAY = grafana.Range.of("2026-10-02", "2026-10-04")
TASKS = """
    insert into task_instance (id, dag_id, run_id, task_id, map_index, try_number, max_tries, pool, pool_slots, queue,
        state, queued_dttm, start_date, end_date, duration)
    values
        (gen_random_uuid(), 'engagement_daily', 'run-1', 'load', -1, 1, 2, '', 1, '', 'success',
            '2026-10-03 00:00:01+00', '2026-10-03 00:00:04+00', '2026-10-03 00:00:14+00', 10),
        (gen_random_uuid(), 'engagement_daily', 'run-1', 'models.core.run', -1, 1, 2, '', 1, '', 'success',
            '2026-10-03 00:00:20+00', '2026-10-03 00:00:21+00', '2026-10-03 00:00:23+00', 2),
        (gen_random_uuid(), 'engagement_daily', 'run-1', 'models.marts.run', -1, 3, 2, '', 1, '', 'success',
            '2026-10-03 00:00:20+00', '2026-10-03 00:00:21+00', '2026-10-03 00:00:24+00', 3),
        (gen_random_uuid(), 'engagement_daily', 'run-1', 'audit_marts', -1, 1, 2, '', 1, '', 'failed',
            '2026-10-03 00:00:30+00', '2026-10-03 00:00:31+00', '2026-10-03 00:00:32+00', 1)
"""
WATCHED = """
    insert into dag_run (dag_id, run_id, run_type, state, end_date, run_after)
    values ('{}', 'watch-1', 'scheduled', '{}', now() - interval '{}', now())
"""


@pytest.fixture(scope="module")
def airflow(postgres_server):
    """Airflow's database with its tables, and the reader made twice, as two starts of compose do. Gives a superuser."""
    superuser = postgres_server.connect()
    superuser.autocommit = True
    cursor = superuser.cursor()
    cursor.execute("create database airflow")
    cursor.execute("revoke all on database airflow from public")
    address = f"postgresql+psycopg2://postgres:{postgres_server.password}@127.0.0.1:{postgres_server.port}/airflow"
    engine = create_engine(address)
    import_all_models()
    Base.metadata.create_all(engine)
    engine.dispose()
    for secret in ("another", SECRET):
        airflow_reader.make(
            {
                "WAREHOUSE_HOST": "127.0.0.1",
                "WAREHOUSE_PORT": str(postgres_server.port),
                "WAREHOUSE_SUPERUSER": "postgres",
                "WAREHOUSE_SUPERUSER_PASSWORD": postgres_server.password,
                "AIRFLOW_READER_PASSWORD": secret,
            }
        )
    owner = postgres_server.connect("airflow")
    owner.autocommit = True
    with owner.cursor() as writing:
        writing.execute("set session_replication_role = replica")  # runs and versions of DAGs need not exist
        writing.execute(TASKS)
    yield owner
    owner.close()
    cursor.execute("drop database airflow with (force)")
    cursor.execute("drop role airflow_reader")
    superuser.close()


@pytest.fixture
def ask(airflow, postgres_server):
    """Runs SQL as the reader: (columns, rows)."""
    address = {"host": "127.0.0.1", "port": postgres_server.port, "dbname": "airflow"}
    connection = psycopg2.connect(**address, user="airflow_reader", password=SECRET)

    def asked(sql: str) -> tuple[list[str], list[tuple]]:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [column.name for column in cursor.description], cursor.fetchall()

    yield asked
    connection.close()


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_of_airflow_fits(title, ask):
    columns, found = ask(grafana.expanded(PANELS[title]["targets"][0]["rawSql"], DAY))
    assert found
    assert list(grafana.shape_problems(PANELS[title], columns, found)) == []


def shown(title: str, ask) -> list[tuple]:
    return ask(grafana.expanded(PANELS[title]["targets"][0]["rawSql"], DAY))[1]


def test_seconds_are_those_of_a_run(ask):
    day = datetime(2026, 10, 3, tzinfo=UTC)
    assert shown("Seconds of a day's run, by task", ask) == [(day, "load", 10.0), (day, "models", 5.0)]


def test_waiting_is_from_the_queue_to_the_start(ask):
    ((_, longest, average),) = shown("Queued before they start", ask)
    assert (longest, average) == (3, pytest.approx(1.5))


def test_retries_and_failures_are_counted(ask):
    assert shown("Tasks that were tried again, or failed", ask) == [
        ("engagement_daily", "audit_marts", 1, 0, 1),
        ("engagement_daily", "models", 2, 2, 0),
    ]
    (failed,) = shown("Failed tasks", ask)
    assert failed[1:] == ("engagement_daily", "audit_marts", 1, "run-1")


@pytest.mark.parametrize(
    "sql",
    [
        "select conf from dag_run",
        "select hostname from task_instance",
        "select * from connection",
        "select * from variable",
        "select * from log",
        "select * from task_instance",
    ],
)
def test_the_reader_sees_nothing_else(sql, ask):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        ask(sql)


def test_the_reader_changes_nothing(ask):
    with pytest.raises(psycopg2.Error):
        ask("update dag_run set state = 'success' returning 1")


@pytest.mark.parametrize(
    ("run", "told"),
    [
        (None, True),
        (WATCHED.format("watch", "success", "46 minutes"), True),
        (WATCHED.format("watch", "failed", "1 minute"), True),
        (WATCHED.format("timelapse", "success", "1 minute"), True),
        (WATCHED.format("watch", "success", "44 minutes"), False),
    ],
)
def test_silence_of_the_watcher_is_told(run, told, airflow, ask):
    rule = PROVISIONED["watch_silent"]
    with airflow.cursor() as cursor:
        cursor.execute("delete from dag_run")
        if run:
            cursor.execute(run)
    columns, found = ask(rule["data"][0]["model"]["rawSql"])
    assert rule["data"][0]["datasourceUid"] == "airflow"
    assert bool(found) == told
    for row in found:
        said = dict(zip(columns, row, strict=True))
        assert said["trouble"] > 0
        assert rendered(rule["annotations"]["since"], said) in ("never (UTC)", f"{said['since']} (UTC)")


def test_a_setting_that_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.delenv("AIRFLOW_READER_PASSWORD", raising=False)
    assert airflow_reader.main() == 1
    assert "AIRFLOW_READER_PASSWORD" in capsys.readouterr().err
