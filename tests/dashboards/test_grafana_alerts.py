"""Grafana's alert rules: each fires for its trouble and for no other, and its message says all that it has to."""

import re
from itertools import count

import pytest
import yaml

from dashboards.grafana.__main__ import HERE, documents
from dashboards.grafana.rules import RULES, WAREHOUSE
from tests.dashboards import grafana

FOLDER = HERE / "provisioning" / "alerting"
PROVISIONED = {
    rule["uid"].removeprefix("engagement-").replace("-", "_"): rule
    for group in yaml.safe_load((FOLDER / "engagement.yml").read_text())["groups"]
    for rule in group["rules"]
}
NOTIFIED = yaml.safe_load((FOLDER / "notifications.yml").read_text())
RUNBOOK = (HERE.parents[1] / "docs" / "operations.md").read_text()
SETTINGS = {"DAY_DUE_AT": "00:00", "TIMELAPSE_FACTOR": "0", "WAREHOUSE_FULL_AT_GB": "1000"}

# The three days again and again before the first: a history to compare with.
HISTORY = """
    insert into ops.load_day (load_date, load_id, version, published_at)
    select load_date - 3 * n, load_id + 100 * n, 1, published_at from ops.load_day, generate_series(1, 8) as n;
    insert into ops.file_load (load_id, load_date, source, path, file_no, target, sha256, bytes, lines_read, loaded,
        duplicates, quarantined, skipped, kind)
    select load_id + 100 * n, load_date - 3 * n, source, path, file_no, target, sha256, bytes, lines_read, loaded,
        duplicates, quarantined, skipped, kind
    from ops.file_load, generate_series(1, 8) as n;
"""
NEWEST = "load_date = (select max(load_date) from ops.load_day)"
SHOP = """
    insert into ops.file_load (load_id, load_date, source, path, file_no, target, sha256, bytes, lines_read, loaded,
        duplicates, quarantined)
    select load_id, load_date, 'shop', 'shop/orders.csv', 1, 'user_events', '', 1, 5, 5, 0, 0 from ops.load_day
"""
NEWEST_BUILT = """
    delete from ops.load_day where built_version is null;
    update ops.load_day set load_date = (now() at time zone 'UTC')::date - {} where load_date = (
        select max(load_date) from ops.load_day)
"""
SAID = """
    insert into ops.alert (cause, title, body, load_dates, first_seen, last_seen, said_at)
    select 'engagement_daily.load: it', 'load failed', '', array_agg(load_date), now(), now(), now() from ops.load
"""
REJECTED = f"update ops.load set status = 'rejected' where {NEWEST}"
AGAIN = """
    insert into ops.run (run_id, dag_id, run_type, first_load_date, last_load_date, started_at, status)
    select run_id || '-again', dag_id, run_type, first_load_date, last_load_date, started_at + interval '1 hour', '{}'
    from ops.run where status = 'failed'
"""
CHECK = """
    insert into ops.validation_result (build_id, suite, expectation, severity, success, message)
    values ({}, 'mart_engagement', 'dau_within_mau', '{}', false, 'dau > mau')
"""
FLOOD = f"""{HISTORY}
    update ops.file_load set lines_read = lines_read + {{0}} * loaded, loaded = loaded + {{0}} * loaded where {NEWEST}
"""
HELD = "update ops.file_load set loaded = loaded - {0}, quarantined = quarantined + {0} where " + NEWEST
FIELD = f"""
    insert into ops.field_day (load_id, load_date, source, kind, field, is_mapped, looked_at, seen, type)
    select load_id, load_date, source, kind, 'shoe_size', {{}}, looked_at, seen, type
    from ops.field_day where field = 'event_id' and {NEWEST}
"""


# For each rule: what has to be said.
TROUBLE = {
    "day_late": [(NEWEST_BUILT.format(2), {}), (NEWEST_BUILT.format(3), {"DAY_DUE_AT": "23:59:59"})],
    "rejected_day": [(REJECTED, {})],
    "failed_run": [("select", {}), (AGAIN.format("failed"), {})],
    "marts_wrong": [(CHECK.format(99, "critical"), {})],
    "volume": [(FLOOD.format(3), {}), (f"{HISTORY}; delete from ops.file_load where {NEWEST} and file_no > 3", {})],
    "held_back": [(HELD.format("loaded"), {})],
    "drift": [(FIELD.format("false"), {})],
    "freshness": [(f"{HISTORY} {SHOP} where load_date < '2026-10-02'", {})],
    "size": [("select", {"WAREHOUSE_FULL_AT_GB": "0.001"})],
}
# And what looks much like it, and is none, or was said by Airflow.
PEACE = {
    "day_late": [
        (NEWEST_BUILT.format(1), {}),
        (NEWEST_BUILT.format(2), {"DAY_DUE_AT": "off"}),
        (NEWEST_BUILT.format(2), {"DAY_DUE_AT": "24:00"}),
        (NEWEST_BUILT.format(5), {"TIMELAPSE_FACTOR": "52.14"}),
        (NEWEST_BUILT.format(2) + ";" + SAID, {}),
    ],
    "rejected_day": [
        ("select", {}),
        (f"{REJECTED}; insert into ops.load (load_id, load_date, status, landing, contracts_sha256)"
         " overriding system value select load_id + 100, load_date, 'published', '', '' from ops.load", {}),
        (f"{REJECTED}; {SAID}", {}),
    ],
    "failed_run": [(AGAIN.format("succeeded"), {}), (SAID, {})],
    "marts_wrong": [(CHECK.format(1, "critical"), {}), (CHECK.format(99, "warning"), {})],
    "volume": [("select", {}), (HISTORY, {}), (FLOOD.format(1), {})],
    "held_back": [("select", {}), (HELD.format("loaded / 50"), {})],
    "drift": [("select", {}), (FIELD.format("true"), {})],
    "freshness": [
        (HISTORY, {}),
        (f"{HISTORY} {SHOP}", {}),
        (f"{HISTORY} {SHOP} where load_date - date '2026-10-01' in (0, -3)", {}),
    ],
    "size": [("select", {})],
}  # fmt: skip


def sql_of(name: str, **settings: str) -> str:
    """As Grafana has it after it put the environment in."""
    text = PROVISIONED[name]["data"][0]["model"]["rawSql"]
    for setting, value in {**SETTINGS, **settings}.items():
        text = text.replace(f"${{{setting}}}", value)
    assert "$" not in text, "Grafana would put an environment variable there"
    return text


@pytest.fixture
def told(lived_in, postgres_server):
    """Brings trouble over the warehouse for a moment, and asks a rule: its rows as dicts."""

    def ask(name: str, trouble: str, settings: dict) -> list[dict]:
        superuser = postgres_server.connect(lived_in.database)  # not in autocommit: closing it takes the trouble back
        try:
            with superuser.cursor() as cursor:
                cursor.execute("set local session_replication_role = replica")  # made-up loads need not exist
                cursor.execute(trouble)
                cursor.execute("set local role reader")
                cursor.execute(sql_of(name, **settings))
                return [dict(zip([column.name for column in cursor.description], row, strict=True)) for row in cursor]
        finally:
            superuser.close()

    return ask


def cases(told_of: dict) -> list:
    return [
        pytest.param(name, *case, id=f"{name}-{number}")
        for name, found in told_of.items()
        for case, number in zip(found, count(1), strict=False)
    ]


@pytest.mark.parametrize(("name", "trouble", "settings"), cases(TROUBLE))
def test_a_rule_fires_for_its_trouble(name, trouble, settings, told):
    found = told(name, trouble, settings)
    assert len(found) == 1, "one cause is one row"
    (row,) = found
    assert row["trouble"] > 0
    for label, value in row.items():
        assert label == "trouble" or isinstance(value, str) and value, label
    annotations = PROVISIONED[name]["annotations"]
    for key in ("summary", "since", "means", "remedy"):
        message = rendered(annotations[key], row)
        assert message and "{{" not in message and "None" not in message, message


@pytest.mark.parametrize(("name", "trouble", "settings"), cases(PEACE))
def test_a_rule_is_silent_otherwise(name, trouble, settings, told):
    assert told(name, trouble, settings) == []


def test_every_rule_was_seen_firing_and_silent():
    asked = {rule.name for rule in RULES if rule.database == WAREHOUSE}
    assert set(TROUBLE) == set(PEACE) == asked


def rendered(text: str, row: dict) -> str:
    """A message as Go's templates write it; a label that the SQL does not give raises KeyError."""
    text = re.sub(r"{{ \.Labels\.(\w+) }}", lambda found: row[found[1]], text)
    return text.replace("{{ .Values.A.Value }}", str(row["trouble"]))


def test_many_days_of_one_cause_are_one_message(told):
    """What grows stays one row with the same words, and Grafana sends one message for all rows of a rule."""
    one = told("rejected_day", f"update ops.load set staged_at = '2026-10-05'; {REJECTED}", {})
    rejected = "update ops.load set status = 'rejected', staged_at = '2026-10-05'"
    more = told("rejected_day", f"{HISTORY} {rejected}", {})
    assert (len(one), one[0]["trouble"]) == (1, 1)
    assert (len(more), more[0]["trouble"]) == (1, 3)
    again = told("rejected_day", f"{rejected} where load_date > '2026-10-01'", {})
    assert again[0]["trouble"] == 2
    policy, *others = NOTIFIED["policies"]
    assert (policy["group_by"], others) == (["grafana_folder", "alertname"], [])


def test_what_is_over_is_said():
    (point,) = NOTIFIED["contactPoints"]
    (receiver,) = point["receivers"]
    assert not receiver["disableResolveMessage"]
    assert receiver["type"] == "${GRAFANA_ALERT_TYPE}"
    assert NOTIFIED["policies"][0]["receiver"] == point["name"]
    (template,) = NOTIFIED["templates"]
    assert ".Alerts.Resolved" in template["template"] and ".Alerts.Firing" in template["template"]
    for part in ("summary", "since", "means", "remedy", "runbook"):
        assert f".Annotations.{part}" in template["template"]
    assert "$" not in template["template"]


@pytest.mark.parametrize("name", PROVISIONED)
def test_a_rule_leads_to_its_panel_and_its_place_in_the_runbook(name):
    rule = PROVISIONED[name]
    (written,) = [one for one in RULES if one.name == name]
    document = yaml.safe_load(documents()["operations.json"])
    titles = {str(panel["id"]): panel["title"] for panel in document["panels"]}
    assert titles[rule["annotations"]["__panelId__"]] == written.panel
    place = rule["annotations"]["runbook"].split("#")[1]
    headings = [
        re.sub(r"[^a-z0-9 _-]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in RUNBOOK.splitlines()
        if line.startswith("#")
    ]
    assert place in headings


@pytest.mark.parametrize("name", PROVISIONED)
def test_a_rule_asks_as_it_may(name):
    rule = PROVISIONED[name]
    query, threshold = rule["data"]
    assert grafana.sql_problems(sql_of(name), rule["data"][0]["datasourceUid"] == "airflow") == []
    assert rule["condition"] == threshold["refId"] == "B"
    assert threshold["model"]["expression"] == query["refId"]
    assert rule["noDataState"] == "OK"  # no row is no trouble
    assert "$" not in str(rule["annotations"])
