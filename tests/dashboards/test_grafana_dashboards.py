"""Every panel of every dashboard runs as the reader, on tables and views that dashboards may read."""

import json
import re
from decimal import Decimal

import psycopg2
import pytest
import yaml

from dashboards.grafana.__main__ import HERE, SCHEMA_VERSION, render
from dashboards.grafana.layout import DASHBOARDS

FILES = sorted((HERE / "dashboards").glob("*.json"))
ALERTS = yaml.safe_load((HERE / "provisioning" / "alerting" / "engagement.yml").read_text())


def panels(path) -> list[dict]:
    return [panel for panel in json.loads(path.read_text())["panels"] if panel["type"] != "row"]


PANELS = [(path, panel) for path in FILES for panel in panels(path)]
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
QUERIES = {
    **{f"{path.stem}: {panel['title']}": target["rawSql"] for path, panel in PANELS for target in panel["targets"]},
    **{
        f"alert: {rule['title']}": step["model"]["rawSql"]
        for rule in RULES
        for step in rule["data"]
        if step["datasourceUid"] == "warehouse"
    },
}


def problems(sql: str) -> list[str]:
    """Why a panel's SQL is not one that the dashboards may hold."""
    code = re.sub(r"--[^\n]*", "", sql).lower()
    found = re.findall(r"\b(?:from|join)\s+([a-z_.]+)", re.sub(r"extract\([^()]*from", "", code))
    wrong = [f"reads {name}" for name in found if name.split(".")[0] not in ("reporting", "ops") or "." not in name]
    if re.search(r"\bjoin\b", code):
        wrong.append("joins: make a view")
    if not code.startswith(("select", "with")):
        wrong.append("does not select")
    if re.search(r"\$__timeFilter\([^)]*\(", sql):
        wrong.append("$__timeFilter takes no nested parentheses")
    return wrong


def rows(warehouse, sql: str) -> tuple[list[str], list[tuple]]:
    connection = warehouse.connect("reader")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [column.name for column in cursor.description], cursor.fetchall()
    finally:
        connection.close()


def test_there_are_dashboards_and_alerts():
    assert {path.name for path in FILES} == set(DASHBOARDS)
    assert len(QUERIES) == len(PANELS) + len(RULES)
    assert len(RULES) == 3


@pytest.mark.parametrize("name", DASHBOARDS)
def test_the_json_is_what_layout_and_sql_say(name):
    committed = (HERE / "dashboards" / name).read_text()
    assert committed == render(DASHBOARDS[name]), "run `python -m dashboards.grafana`"


def test_every_sql_file_is_on_a_dashboard():
    used = {panel.name for dashboard in DASHBOARDS.values() for row in dashboard.rows for panel in row.panels}
    assert {path.stem for path in (HERE / "sql").glob("*.sql")} == used


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_dashboard_is_classic_and_its_panels_do_not_overlap(path):
    document = json.loads(path.read_text())
    assert document["schemaVersion"] == SCHEMA_VERSION
    assert len({panel["id"] for panel in document["panels"]}) == len(document["panels"])
    taken = set()
    for panel in document["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24, panel["title"]
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize("title", QUERIES)
def test_a_query_reads_reporting_or_ops_without_joins(title):
    assert problems(QUERIES[title]) == []


@pytest.mark.parametrize("title", QUERIES)
def test_a_query_runs_as_the_reader_and_finds_something(title, lived_in, expand):
    columns, found = rows(lived_in, expand(QUERIES[title]))
    assert found, "no rows on a warehouse with data"
    assert len(set(columns)) == len(columns)


@pytest.mark.parametrize(
    ("path", "panel"),
    [case for case in PANELS if case[1]["targets"][0]["format"] == "time_series"],
    ids=lambda value: value["title"] if isinstance(value, dict) else value.stem,
)
def test_a_time_series_begins_with_its_time_in_order(path, panel, lived_in, expand):
    columns, found = rows(lived_in, expand(panel["targets"][0]["rawSql"]))
    assert columns[0] == "time"
    times = [row[0] for row in found]
    assert None not in times
    assert times == sorted(times)
    assert "metric" not in columns or len(columns) == 3
    for row in found:
        numbers = [value for name, value in zip(columns, row, strict=True) if name not in ("time", "metric")]
        assert all(value is None or isinstance(value, int | float | Decimal) for value in numbers)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["uid"])
def test_an_alert_compares_one_number(rule, lived_in, expand):
    query, threshold = rule["data"]
    columns, found = rows(lived_in, expand(query["model"]["rawSql"]))
    assert (len(columns), len(found)) == (1, 1)
    assert float(found[0][0]) >= 0
    assert rule["condition"] == threshold["refId"]
    assert threshold["model"]["expression"] == query["refId"]


TROUBLE = {
    "engagement-no-good-run": "delete from ops.run where status = 'succeeded'",
    "engagement-quarantine": "update ops.load set quarantined = lines_read, loaded = 0, duplicates = 0",
    "engagement-critical-failure": "update ops.validation_result set success = false, load_id = load_id + 100"
    " where expectation = 'duplicate_events'",
}
PEACE = {
    "engagement-no-good-run": "update ops.run set finished_at = now() where status = 'succeeded'",
    "engagement-quarantine": "select",
    "engagement-critical-failure": "update ops.validation_result set success = false"
    " where expectation = 'duplicate_events'",  # the day was published all the same, by a later load
}


@pytest.mark.parametrize("firing", [True, False])
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["uid"])
def test_an_alert_fires_for_its_trouble_and_for_no_other(rule, firing, lived_in, expand, postgres_server):
    query, threshold = rule["data"]
    (condition,) = threshold["model"]["conditions"]
    assert condition["evaluator"]["type"] == "gt"
    superuser = postgres_server.connect(lived_in.database)  # not in autocommit: closing it takes the trouble back
    try:
        with superuser.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")  # made-up loads need not exist
            cursor.execute((TROUBLE if firing else PEACE)[rule["uid"]])
            cursor.execute(expand(query["model"]["rawSql"]))
            (value,) = cursor.fetchone()
    finally:
        superuser.close()
    assert (value > condition["evaluator"]["params"][0]) == firing


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select count(*) from raw.user_events", "reads raw.user_events"),
        ("select count(*) from runs", "reads runs"),
        ("select 1 from ops.run join ops.load using (run_id)", "joins: make a view"),
        ("delete from ops.run", "does not select"),
        ("select 1 from ops.run where $__timeFilter(date(started_at))", "$__timeFilter takes no nested parentheses"),
    ],
)
def test_a_query_that_is_not_allowed_is_seen(sql, said):
    assert said in problems(sql)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select no_such_column from ops.day_status", psycopg2.errors.UndefinedColumn),
        ("select raw from ops.quarantine", psycopg2.errors.InsufficientPrivilege),
        ("select user_id from raw.user_changes", psycopg2.errors.InsufficientPrivilege),
        ("select $__timeFilter(date(started_at)) from ops.run", (AssertionError, psycopg2.Error)),
        ("select $__unknown(started_at) from ops.run", AssertionError),
    ],
)
def test_a_broken_query_is_seen(sql, error, lived_in, expand):
    with pytest.raises(error):
        rows(lived_in, expand(sql))


def test_the_data_source_is_the_reader():
    document = yaml.safe_load((HERE / "provisioning" / "datasources" / "warehouse.yml").read_text())
    (source,) = document["datasources"]
    assert source["user"] == "reader"
    assert source["secureJsonData"]["password"] == "${WAREHOUSE_READER_PASSWORD}"
    assert {target["datasource"]["uid"] for _, panel in PANELS for target in panel["targets"]} == {source["uid"]}
