"""A changed definition rebuilds itself: the model that changed, what follows from it, and nothing else."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from ingestion.warehouse import Warehouse, create
from local.postgres import Server
from pipeline.deploy import deploy
from tests.dbt.helpers import Company, at, event, user
from tests.dbt.runner import PROJECT, Dbt

# file, what is there, what is there instead, the models that it changes, and why one of them is computed anew.
CHANGES = {
    "SQL": (
        "models/summaries/fact_daily_totals.sql",
        "count(*) filter (where is_active)",
        "count(*) filter (where is_active and events > 0)",
        {"fact_daily_totals"},
        ("fact_daily_totals", "its SQL has changed"),
    ),
    "a variable": (
        "dbt_project.yml",
        "session_idle_minutes: 30",
        "session_idle_minutes: 5",
        {"fact_sessions"},
        ("fact_sessions", "the variable session_idle_minutes has changed"),
    ),
    "which events are learning": (
        "dbt_project.yml",
        "learning_events: [content_start, ",
        "learning_events: [content_view, content_start, ",
        {"fact_user_daily", "fact_user_daily_dimensions"},
        ("fact_user_daily", "the variable learning_events has changed"),
    ),
    "a macro": (
        "macros/versions.sql",
        "valid_to = 'infinity' as is_current",
        "not valid_to < 'infinity' as is_current",
        {"dim_user", "dim_product", "dim_content"},
        ("dim_user", "the macro versions has changed"),
    ),
    "a contract": (
        "models/marts/engagement/_engagement_marts__models.yml",
        "data_type: numeric\n        description: >-\n          `dau / mau`, 4 decimals; null",
        "data_type: numeric(6, 4)\n        description: >-\n          `dau / mau`, 4 decimals; null",
        {"mart_engagement"},
        ("mart_engagement", "its contract has changed"),
    ),
    "a view upstream": (
        "models/staging/stg_user_events.sql",
        "{{ is_program('user_agent') }} as is_bot",
        "coalesce(user_agent ~* 'robot', false) as is_bot",
        {"stg_user_events"},
        ("event_repeats", "its upstream stg_user_events has changed"),
    ),
}

# Topics upon the others, and what reads them: less to parse and to build, and the same machinery.
LEFT_OUT = (
    *(
        "acquisition",
        "content",
        "experiments",
        "features",
        "funnels",
        "interests",
        "paths",
        "people",
        "sales",
        "subscriptions",
        "products",
    ),
    *("_exposures.yml", "_semantic_models.yml", "*__unit_tests.yml"),
)
# Their macros name the setting: those by day and by month are computed anew, too.
NAME_WEEKS = {
    f"{name}_{period}"
    for name in ("mart_lifecycle", "fact_user_retention_cohorts")
    for period in ("daily", "weekly", "monthly")
}


class Project:
    """A copy of the dbt project in which a test changes something."""

    def __init__(self, company: Company, folder: Path) -> None:
        self.company, self.folder = company, folder

    def change(self, file: str, good: str, bad: str) -> None:
        text = (self.folder / file).read_text()
        assert text.count(good) == 1, f"{file} does not say `{good}` once"
        (self.folder / file).write_text(text.replace(good, bad))

    def tables_upon(self, models: set[str]) -> set[str]:
        """These models and all that dbt's graph has upon them, the views left out."""
        nodes = {node.name: node for node in self.company.dbt.manifest.nodes.values() if node.resource_type == "model"}
        ids = {node.unique_id: node.name for node in nodes.values()}
        found, more = set(), set(models)
        while more:
            found |= more
            upon = {name for name, node in nodes.items() if {ids.get(id) for id in node.depends_on.nodes} & more}
            more = upon - found
        return {name for name in found if nodes[name].config.materialized != "view"}

    def pending(self) -> dict[str, str]:
        """Why the next build computes what anew, as it is recorded at deploy."""
        self.company.dbt.record_definitions()
        return dict(self.company.query("select model, reason from ops.pending_rebuild"))


KEPT = "built_once"


@pytest.fixture(scope="module")
def built_once(warehouse: Warehouse, postgres_server: Server, tmp_path_factory) -> Iterator[Path]:
    """One built day, kept as a database to copy. In the folder: the project, what dbt keeps of it, and what landed."""
    folder = tmp_path_factory.mktemp("definitions")
    shutil.copytree(PROJECT, folder / "project", ignore=shutil.ignore_patterns("target", "logs", *LEFT_OUT))
    company = Company(warehouse, folder / "landing", Dbt(warehouse, folder / "out", project=folder / "project"))
    company.land(
        1,
        [event("e1", at(1)), event("e2", at(1, "12:10")), event("e3", at(1), "u_2", user_agent="Googlebot/2.1")],
        users=[user("u_1", "2026-01-01T00:00:00Z", "DE"), user("u_2", "2026-01-01T00:00:00Z", "AT")],
    )
    company.build(1)
    company.land(2, [event("e4", at(2))])
    company.close()
    _run(postgres_server, f"alter database {warehouse.database} rename to {KEPT}")
    _run(postgres_server, f"create database {warehouse.database}")
    yield folder
    _run(postgres_server, f"drop database {KEPT} with (force)")


@pytest.fixture
def project(built_once: Path, warehouse: Warehouse, postgres_server: Server, tmp_path: Path) -> Iterator[Project]:
    """A copy of it all."""
    _run(postgres_server, f"drop database {warehouse.database} with (force)")
    _run(postgres_server, f"create database {warehouse.database} template {KEPT}")
    with closing(postgres_server.connect()) as superuser:
        create(superuser, warehouse)  # what is granted on a database is no part of its copy
    for name in ("project", "landing", "out/target"):
        shutil.copytree(built_once / name, tmp_path / name)
    dbt = Dbt(warehouse, tmp_path / "out", project=tmp_path / "project")
    with closing(Company(warehouse, tmp_path / "landing", dbt)) as company:
        yield Project(company, tmp_path / "project")


def _run(server: Server, statement: str) -> None:
    with closing(server.connect()) as superuser:
        superuser.autocommit = True
        superuser.cursor().execute(statement)


def test_nothing_is_pending_after_a_build(project: Project):
    assert project.pending() == {}
    project.company.build(2)
    assert project.company.rebuilt() == set()


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_rebuilds_what_follows_from_it_and_nothing_else(project: Project, change: str):
    file, good, bad, models, (model, reason) = CHANGES[change]
    project.change(file, good, bad)
    pending = project.pending()
    assert pending[model] == reason
    project.company.build(2)
    assert project.company.rebuilt() == project.tables_upon(models)
    assert project.pending() == {}
    assert project.company.differences() == {}


@pytest.mark.parametrize(
    ("setting", "value", "changed", "models"),
    [
        ("WEEK_STARTS_ON", "sunday", "fact_user_weekly_summary", {"fact_user_weekly_summary", *NAME_WEEKS}),
        (
            "REPORTING_TIMEZONE",
            "Asia/Tokyo",
            "stg_user_events",
            {"stg_user_events"},
        ),
    ],
)
def test_a_changed_setting_rebuilds_what_follows_from_it_and_nothing_else(
    project: Project, setting: str, value: str, changed: str, models: set[str]
):
    company = project.company
    company.land(2, [event("e4", at(2)), event("e5", at(1, "23:30"))])
    company.dbt.settings[setting] = value
    assert project.pending()[changed] == f"the setting {setting} has changed"
    # Models with a period in them name the setting of weeks, too, whatever the topic.
    named = company.query(f"select model from ops.model_definition where parts ->> 'the setting {setting}' is not null")
    assert {name for (name,) in named} >= models
    models = models | {name for (name,) in named}
    company.build(2)
    assert company.rebuilt() == project.tables_upon(models)
    assert project.pending() == {}
    assert company.differences() == {}


def test_views_can_be_read_while_tables_wait_to_be_computed_anew(project: Project, monkeypatch):
    company = project.company
    for name, value in {**company.warehouse.environment(), **company.dbt.settings}.items():
        monkeypatch.setenv(name, value)
    standing = "select schemaname, viewname from pg_views where schemaname = 'reporting' order by viewname"
    before = company.query(standing)
    # The view of dates is made anew, and views upon it read tables, too.
    project.change("models/core/dim_date.sql", "with days as (", "with days as (  -- of the calendar")
    project.change("dbt_project.yml", "session_idle_minutes: 30", "session_idle_minutes: 45")
    assert deploy(company.warehouse, project.folder)["fact_sessions"] == "the variable session_idle_minutes has changed"
    assert company.query(standing) == before
    assert company.query("select count(*) from reporting.engagement_daily") == [(1,)]
    company.build(2)
    assert company.query("select count(*) from reporting.engagement_daily") == [(2,)]
    assert deploy(company.warehouse, project.folder) == {}


def test_what_is_pending_is_found_without_a_deploy(project: Project):
    file, good, bad, models, _ = CHANGES["SQL"]
    project.change(file, good, bad)
    project.company.build(2)
    assert project.company.rebuilt() == project.tables_upon(models)


def test_comments_and_formatting_change_nothing(project: Project):
    for path in sorted(project.folder.glob("m*/**/*.sql")):
        text = path.read_text().replace("\n", "\n\n  ").replace("{%- ", "{% ")
        path.write_text("-- It isn't the same text.\n{# nor {{ this }} #}\n" + text + "\n/* the end */\n")
    before = project.company.query("select model, definition from ops.model_definition order by 1")
    assert project.pending() == {}
    assert project.company.query("select model, definition from ops.model_definition order by 1") == before


def test_text_within_quotes_is_code(project: Project):
    project.change("models/core/dim_date.sql", "trim(to_char(date_day, 'Day'))", "trim(to_char(date_day, 'Day '))")
    assert set(project.pending()) == {"dim_date", "engagement_daily"}


def test_a_rebuild_that_dies_goes_on_in_the_next_build(project: Project):
    file, good, bad, models, _ = CHANGES["a variable"]
    project.change(file, good, bad)
    project.company.build(2, until="fact_user_daily")
    rest = project.tables_upon(models) - {"fact_sessions", "fact_user_daily"}
    assert {"fact_sessions", "fact_user_daily"}.isdisjoint(project.pending())
    project.company.build()
    assert project.company.rebuilt() == rest
    assert project.company.differences() == {}


def test_a_table_that_is_gone_is_built_again_with_what_stands_upon_it(project: Project):
    project.company.transformer.cursor().execute("drop table summaries.fact_daily_totals cascade")
    project.company.build(2)
    assert project.company.rebuilt() == project.tables_upon({"fact_daily_totals"})
    assert project.company.differences() == {}


def test_a_new_column_reaches_the_view_upon_its_table(project: Project):
    project.change(
        "models/marts/engagement/mart_engagement.sql",
        "as dach_active_users_30d\nfrom dates",
        "as dach_active_users_30d,\n    1 as one\nfrom dates",
    )
    project.change(
        "models/marts/engagement/_engagement_marts__models.yml",
        "      - name: dach_active_users_30d\n",
        "      - name: one\n        data_type: integer\n      - name: dach_active_users_30d\n",
    )
    project.change(
        "models/reporting/engagement/engagement_daily.sql", "    mart.dau,\n", "    mart.one,\n    mart.dau,\n"
    )
    project.change(
        "models/reporting/engagement/_engagement_reporting__models.yml",
        "      - name: day_name\n",
        "      - name: one\n        data_type: integer\n      - name: day_name\n",
    )
    project.company.build(2)
    assert project.company.query("select distinct one from reporting.engagement_daily") == [(1,)]


def test_what_no_model_makes_any_more_is_dropped(project: Project):
    """The tables of an older version in `work`, and what a model made that is removed; not what a view stands upon."""
    company = project.company
    for statement in (
        "create table work.work_repeats (event_id text)",
        "create table work.log__fact_user_events__actor_date (actor_id text)",
        "create table work.looked_at (one integer)",
        "create view marts.mine as select * from work.looked_at",
    ):
        company.transformer.cursor().execute(statement)
    (project.folder / "models" / "reporting" / "operations" / "repeats_by_load_day.sql").unlink()
    file = project.folder / "models" / "reporting" / "operations" / "_operations_reporting__models.yml"
    models = yaml.safe_load(file.read_text())
    models["models"] = [each for each in models["models"] if each["name"] != "repeats_by_load_day"]
    file.write_text(yaml.safe_dump(models))
    before = set(tables(company))
    project.pending()
    assert before - set(tables(company)) == {
        "work.work_repeats",
        "work.log__fact_user_events__actor_date",
        "reporting.repeats_by_load_day",
    }
    company.build(2)
    assert company.differences() == {}


def tables(company: Company) -> list[str]:
    found = company.query("select table_schema || '.' || table_name from information_schema.tables")
    return [name for (name,) in found]
