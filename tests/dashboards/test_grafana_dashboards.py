"""Every panel of every dashboard runs as the reader, on tables and views that dashboards may read."""

import json
from dataclasses import replace

import psycopg2
import pytest
import yaml

from dashboards.grafana import __main__ as main
from dashboards.grafana.__main__ import DASHBOARDS, HERE, SCHEMA_VERSION, TITLES, documents
from dashboards.grafana.business import OVERVIEW
from dashboards.grafana.layout import Panel, Row, Variable
from dashboards.grafana.rules import RULES
from tests.dashboards import grafana

FILES = sorted((HERE / "dashboards").glob("*.json"))
DOCUMENTS = {path.name: json.loads(path.read_text()) for path in FILES}
OPERATIONS = DOCUMENTS["operations.json"]
PANELS = {panel["title"]: panel for panel in grafana.panels(OPERATIONS) if panel["datasource"]["uid"] == "warehouse"}
ALL_TIME = grafana.Range.of("2026-01-01", "2036-01-01")
CHOICES = OPERATIONS["templating"]["list"]


def rows(warehouse, sql: str) -> tuple[list[str], list[tuple]]:
    connection = warehouse.connect("reader")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return [column.name for column in cursor.description], cursor.fetchall()
    finally:
        connection.close()


def test_the_json_is_what_layout_and_sql_say():
    assert {path.name: path.read_text() for path in FILES} == documents(), "run `make docs`"
    assert main.ALERTING.read_text() == main.alert_rules(), "run `make docs`"


def test_every_sql_file_is_used():
    used = {panel.name for dashboard in DASHBOARDS.values() for row in dashboard.rows for panel in row.panels}
    used |= {
        f"variables/{variable.query or variable.name}"
        for dashboard in DASHBOARDS.values()
        for variable in dashboard.variables
        if not variable.options and not variable.text
    }
    used |= {f"alerts/{rule.name}" for rule in RULES}
    folder = HERE / "sql"
    assert {str(path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.sql")} == used


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_dashboard_is_as_it_must_be(name):
    document = DOCUMENTS[name]
    assert document["schemaVersion"] == SCHEMA_VERSION
    assert list(grafana.document_problems(document)) == []


def test_links_lead_somewhere():
    targets = {document["uid"]: {panel["id"] for panel in document["panels"]} for document in DOCUMENTS.values()}
    links = [
        (panel, link["url"])
        for document in DOCUMENTS.values()
        for panel in grafana.panels(document)
        for link in panel["links"]
    ]
    for panel, url in links:
        uid, _, parameters = url.removeprefix("/d/").partition("?")
        assert uid in targets, panel["title"]
        if parameters.startswith("viewPanel=panel-"):
            assert int(parameters.removeprefix("viewPanel=panel-")) in targets[uid]
    told = {panel["title"] for panel in DOCUMENTS["definitions.json"]["panels"]}
    read = {
        word.split("#")[1].rstrip(".")
        for panel, _ in links
        for word in panel["description"].split()
        if word.startswith("docs/metrics.md#")
    }
    assert read and read <= told
    assert set(TITLES) <= set(targets)


# What a panel has to find that is empty as long as all is well.
PLANTED = {
    "What people were told, and is not over": "insert into ops.alert (cause, title, body, first_seen, last_seen)"
    " values ('load', 'load failed', 'What: …', now(), now())",
    "What fails": "insert into ops.validation_result"
    " (load_date, load_id, suite, expectation, severity, success, message)"
    " select load_date, load_id + 100, 'user_events', 'duplicate_events', 'critical', false, 'twice' from ops.load_day",
    "Fields that are not as on the day before": "update ops.field_day set is_mapped = false, field = 'shoe_size'"
    " where field = 'event_id' and load_date = (select max(load_date) from ops.load_day)",
    "What it computes anew, and why": "update ops.model_definition set built_definition = null where model = 'paths'",
    "Dead rows": "select",
}


@pytest.mark.parametrize("title", PANELS)
def test_a_panel_of_operations_runs_as_the_reader_and_finds_something(title, lived_in):
    columns, found = rows(lived_in, grafana.expanded(PANELS[title]["targets"][0]["rawSql"], ALL_TIME, CHOICES))
    assert found or title in PLANTED, "no rows on a warehouse with data"
    assert list(grafana.shape_problems(PANELS[title], columns, found)) == []


BY_SOURCE = [title for title, panel in PANELS.items() if "$landed" in panel["targets"][0]["rawSql"]]


@pytest.mark.parametrize("title", sorted(set(BY_SOURCE) - set(PLANTED)))
def test_a_panel_of_one_source_has_what_is_its_own(title, lived_in):
    def of(*sources: str) -> list[tuple]:
        sql = grafana.expanded(PANELS[title]["targets"][0]["rawSql"], ALL_TIME, CHOICES, {"landed": list(sources)})
        return rows(lived_in, sql)[1]

    everything = rows(lived_in, grafana.expanded(PANELS[title]["targets"][0]["rawSql"], ALL_TIME, CHOICES))[1]
    assert of("app", "nobody") == everything != [], "the warehouse has one source"
    nothing = of("nobody", "it's")
    assert nothing == [] or title == "Lines held back" and nothing == [(None,)]


def test_lines_of_all_sources_are_those_of_their_load_days(lived_in):
    sql = PANELS["Lines by load day"]["targets"][0]["rawSql"]
    by_source = rows(lived_in, grafana.expanded(sql, ALL_TIME, CHOICES))[1]
    _, of_days = rows(
        lived_in, "select load_date::timestamptz, loaded, duplicates, quarantined, skipped from ops.day_status"
    )
    assert by_source == sorted(of_days) != []


@pytest.mark.parametrize("title", PLANTED)
def test_a_panel_of_operations_shows_trouble(title, lived_in, postgres_server):
    superuser = postgres_server.connect(lived_in.database)  # not in autocommit: closing it takes the trouble back
    try:
        with superuser.cursor() as cursor:
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(PLANTED[title])
            cursor.execute("set local role reader")
            cursor.execute(grafana.expanded(PANELS[title]["targets"][0]["rawSql"], ALL_TIME, CHOICES))
            columns, found = [column.name for column in cursor.description], cursor.fetchall()
    finally:
        superuser.close()
    assert found or title == "Dead rows"
    assert list(grafana.shape_problems(PANELS[title], columns, found)) == []


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("select count(*) from raw.user_events", "reads raw.user_events"),
        ("select count(*) from runs", "reads runs"),
        ("select 1 from ops.run join ops.load using (run_id)", "joins: make a view"),
        ("delete from ops.run", "does not select"),
        ("select 1 from ops.run where $__timeFilter(date(started_at))", "$__timeFilter takes no nested parentheses"),
        ("select 1 from ops.run where run_id = ${run:raw}", "write variables as $name"),
    ],
)
def test_a_query_that_is_not_allowed_is_seen(sql, said):
    assert said in " ".join(grafana.sql_problems(sql))


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("select no_such_column from ops.day_status", psycopg2.errors.UndefinedColumn),
        ("select raw from ops.quarantine", psycopg2.errors.InsufficientPrivilege),
        ("select user_id from raw.user_changes", psycopg2.errors.InsufficientPrivilege),
        ("select $__timeFilter(date(started_at)) from ops.run", (ValueError, psycopg2.Error)),
        ("select $__unknown(started_at) from ops.run", ValueError),
    ],
)
def test_a_broken_query_is_seen(sql, error, lived_in):
    with pytest.raises(error):
        rows(lived_in, grafana.expanded(sql, ALL_TIME))


GOOD = Panel("overview/weekdays", "Weekdays", "barchart", 12)
SERIES = Panel("overview/people", "People", "timeseries", 12, format="time_series")


def planted(*panels: Panel, **changes) -> dict:
    """The JSON of a dashboard with these panels in one row."""
    made = main._document(replace(OVERVIEW, rows=(Row("Row", 8, panels),)))
    for panel in grafana.panels(made):
        for path, value in changes.items():
            place = panel
            *way, last = path.split("__")
            for step in way:
                place = place[step]
            place[last] = value
    return made


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (planted(GOOD), None),
        (planted(GOOD, replace(GOOD, width=13)), "wider than the page"),
        (planted(GOOD, GOOD, gridPos={"x": 0, "y": 1, "w": 12, "h": 8}), "lies over Weekdays (2)"),
        (planted(GOOD, GOOD, id=7), "the id is taken"),
        (planted(replace(GOOD, kind="piechart")), "unknown kind piechart"),
        (planted(replace(GOOD, unit="euros")), "unknown unit euros"),
        (planted(replace(GOOD, units={"learners": "people"})), "unknown unit people"),
        (planted(replace(GOOD, steps=(("red", 1), ("green", 2)))), "thresholds do not rise"),
        (planted(replace(GOOD, steps=(("red", None), ("green", 2), ("blue", 1)))), "thresholds do not rise"),
        (planted(GOOD, fieldConfig__defaults={**main._defaults(GOOD), "noValue": ""}), "says nothing when"),
        (planted(replace(GOOD, format="time_series")), "a barchart cannot draw time_series"),
        (planted(replace(SERIES, format="table")), "a timeseries cannot draw table"),
        (planted(replace(GOOD, title="By $period")), "the title names $period, which cannot be chosen"),
        (planted(replace(GOOD, name="lifecycle/segments")), None),
        (planted(replace(GOOD, name="sales/products")), "$period cannot be chosen"),
        (planted(replace(GOOD, name="content/listen_through")), None),
        (planted(replace(GOOD, name="funnels/by_value")), "$breakdown cannot be chosen"),
    ],
)
def test_a_bad_panel_is_seen(document, said):
    found = list(grafana.document_problems(document))
    assert found == [] if said is None else any(said in problem for problem in found)


@pytest.mark.parametrize(("all_too", "sql"), [(True, "= '$x'"), (False, "in ($x)")])
def test_quotes_in_the_wrong_place_are_seen(all_too, sql):
    document = planted(GOOD)
    document["templating"]["list"] = [main._variable(Variable("x", "X", ("a", "b"), all_too=all_too))]
    (panel,) = grafana.panels(document)
    panel["targets"][0]["rawSql"] = f"select 1 from reporting.sales where currency {sql}"
    assert any("quotes are set by Grafana" in problem for problem in grafana.document_problems(document))


@pytest.mark.parametrize(
    ("panel", "columns", "found", "said"),
    [
        (GOOD, ("weekday", "people"), [("Monday", 1)], None),
        (GOOD, ("people", "people"), [("Monday", 1)], "two columns have one name"),
        (GOOD, ("weekday", "people"), [(1, 1)], "the first column of bars names them"),
        (replace(GOOD, columns=("weekday", "visits")), ("weekday", "people"), [], "no column visits"),
        (replace(GOOD, units={"visits": "s"}), ("weekday", "people"), [], "no column visits"),
        (SERIES, ("time", "people"), [(1, 1), (2, None)], None),
        (SERIES, ("day", "people"), [(1, 1)], "the first column is not time"),
        (SERIES, ("time", "people"), [(2, 1), (1, 1)], "do not rise"),
        (SERIES, ("time", "people"), [(1, 1), (1, 1)], "do not rise"),
        (SERIES, ("time", "people"), [(None, 1)], "is null"),
        (SERIES, ("time", "people"), [(1, "many")], "people is no number"),
        (SERIES, ("time", "metric", "people"), [(1, "a", 1), (1, "b", 1)], None),
        (SERIES, ("time", "metric", "people"), [(1, "a", 1), (1, "a", 2)], "two values of one series"),
        (SERIES, ("time", "metric", "people", "visits"), [], "by one number only"),
    ],
)
def test_a_result_that_does_not_fit_is_seen(panel, columns, found, said):
    problems = list(grafana.shape_problems(main._panel(panel, 1, {}), columns, found))
    assert problems == [] if said is None else any(said in problem for problem in problems)


@pytest.mark.parametrize(
    ("value", "sql"),
    [("it's", "'it''s'"), (["a", "it's"], "'a','it''s'"), (grafana.ALL, "'(all)'"), ([grafana.ALL], "'(all)'")],
)
def test_values_are_quoted_as_grafana_does(value, sql):
    variable = main._variable(Variable("channel", "Channel", all_too=True, several=True))
    assert grafana.expanded("$channel", ALL_TIME, [variable], {"channel": value}) == sql


def test_a_value_between_quotes_is_escaped():
    variable = main._variable(Variable("funnel", "Funnel"))
    assert grafana.expanded("'$funnel'", ALL_TIME, [variable], {"funnel": "it's"}) == "'it''s'"


def test_the_data_sources_are_readers():
    sources = {}
    for path in (HERE / "provisioning" / "datasources").glob("*.yml"):
        (source,) = yaml.safe_load(path.read_text())["datasources"]
        sources[source["uid"]] = (source["user"], source["secureJsonData"]["password"])
    assert sources == {
        "warehouse": ("reader", "${WAREHOUSE_READER_PASSWORD}"),
        "airflow": ("airflow_reader", "${AIRFLOW_READER_PASSWORD}"),
    }
    panels = [panel for document in DOCUMENTS.values() for panel in grafana.panels(document)]
    assert {target["datasource"]["uid"] for panel in panels for target in panel["targets"]} == set(sources)
    assert all(panel["datasource"] == target["datasource"] for panel in panels for target in panel["targets"])
