"""Who may read what, and what a run of dbt leaves in `ops`."""

from collections import Counter
from collections.abc import Iterator

import psycopg2
import pytest

from ingestion import service
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company, at, event, user


@pytest.fixture(scope="module")
def built(warehouse, postgres_server, dbt, tmp_path_factory) -> Iterator[Company]:
    """Two days and everything. The tests that build more come last."""
    empty(warehouse, postgres_server)
    company = Company(warehouse, tmp_path_factory.mktemp("company") / "landing", dbt)
    company.land(1, [event("e1", at(1))], users=[user("u_1", "2026-01-01T00:00:00Z", email="a@example.org")])
    company.land(2, [event("e1", at(1))])
    company.build(1)
    company.build(2)
    yield company
    company.close()


def readable(company, role: str) -> set[str]:
    """The schemas in which a role can read everything, of those that dbt builds."""
    connection = company.warehouse.connect(role)
    connection.autocommit = True
    schemas = {}
    with connection.cursor() as cursor:
        for table in company.tables() + ["staging.stg_user_changes", "work.work_build", "intake.change_records"]:
            schema = table.split(".")[0]
            try:
                cursor.execute(f"select * from {table} limit 1")
            except psycopg2.errors.InsufficientPrivilege:
                schemas[schema] = False
            else:
                schemas.setdefault(schema, True)
    connection.close()
    return {schema for schema, may in schemas.items() if may}


def test_loader_audits_everything_but_personal_data(built):
    assert readable(built, "loader") == {"core", "summaries", "marts", "reporting"}


def test_personal_data_lies_in_one_table(built):
    """No table of dbt's holds a copy; the restricted dimension is a view."""
    tables = built.query(
        "select format('%I.%I', table_schema, table_name) from information_schema.tables"
        " where table_type = 'BASE TABLE' and table_schema not in ('raw', 'ops', 'pg_catalog', 'information_schema')"
    )
    assert ("core.dim_user",) in tables
    holding = [
        table
        for (table,) in tables
        if built.query(f"select 1 from {table} as row where row::text like '%example.org%'")
    ]
    assert holding == []


def test_each_node_is_recorded(built):
    runs = built.query(
        "select build_id, schema_name, status, rows_affected from ops.model_run"
        " where name = 'fact_user_events' and build_id <= 2 order by finished_at"
    )
    assert runs == [(1, "core", "success", 1), (2, "core", "success", 0)]  # the event arrived before
    built.connection.cursor().execute("update ops.load_day set built_version = null")
    built.connection.commit()
    claim = built.claim()
    ran = built.dbt.build("--select", "+engagement_daily")
    service.finish(built.connection, claim)
    kinds = dict(
        built.query(f"select resource_type, count(*) from ops.model_run where build_id = {claim.build_id} group by 1")
    )
    del ran["operation.engagement.engagement-on-run-end-0"]  # which records them
    assert kinds == Counter(name.partition(".")[0] for name in ran)
    assert kinds["test"] > 10


def test_views_for_readers_stand_while_tables_are_built(built):
    """A build replaces the rows that reporting reads, and not the tables, so that no view upon them is dropped."""
    views = "select oid from pg_class where relnamespace = 'marts'::regnamespace and relname = 'mart_engagement'"
    before = built.query(views)
    for number in range(3, 32):
        built.land(number, [event(f"e{number}", at(number))])
    built.load(*range(3, 32))
    built.claim()
    built.dbt.run("--exclude", "config.materialized:view")
    assert "mart_engagement" in built.rebuilt()
    assert built.query(views) == before
    assert built.query("select count(*) from reporting.engagement_daily") == [(31,)]


def test_reader_sees_reporting_and_nothing_else(built):
    assert readable(built, "reader") == {"reporting"}
    built.dbt.run("--full-refresh", "--select", "+engagement_daily", "+dim_user_personal")
    assert readable(built, "reader") == {"reporting"}
