"""A warehouse with a few days in it, and Grafana's macros."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from upath import UPath

from data_generator.service import generate
from ingestion.service import claim, finish, load_day, publish_day, record_run_end, record_run_start
from ingestion.warehouse import Warehouse
from validation.service import audit_day

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 3)


@pytest.fixture(scope="module")
def lived_in(warehouse: Warehouse, tmp_path_factory) -> Warehouse:
    """Three days published, two of them built, one audit with a failure; dbt's own rows are made up."""
    landing = UPath(tmp_path_factory.mktemp("landing"))
    generate(landing, FIRST, LAST, seed=1, scale=0.1, start=FIRST, workers=1)
    connection = warehouse.connect("loader")
    days = [FIRST + timedelta(days=number) for number in range(3)]
    for number, day in enumerate(days):
        started_at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
        record_run_start(
            connection,
            f"run-{day}",
            dag_id="engagement_daily",
            run_type="scheduled",
            first_load_date=day,
            last_load_date=day,
            started_at=started_at,
        )
        load_day(connection, landing, day)
        audit_day(warehouse, day)
        publish_day(connection, day)
        if number < 2:
            finish(connection, claim(connection, f"run-{day}", [day]).build_id)
        record_run_end(connection, f"run-{day}", succeeded=number < 2, finished_at=started_at + timedelta(minutes=1))
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "insert into ops.model_run (invocation_id, node_id, resource_type, name, status, seconds)"
            " values ('a', 'model.engagement.dim_user', 'model', 'dim_user', 'success', 1.5),"
            " ('a', 'test.engagement.unique', 'test', 'unique', 'fail', 0.1)"
        )
        cursor.execute(
            "insert into ops.table_size select build_id, 'core', 'dim_user', 10 * build_id, 8192 from ops.build"
        )
        cursor.execute("update ops.validation_result set success = false where expectation = 'volume_jumps'")
    connection.close()
    return warehouse


@pytest.fixture(scope="session")
def expand() -> Callable[[str], str]:
    """Replaces Grafana's macros in SQL as its PostgreSQL data source does, for a range that holds all test data."""
    begin, end = "2026-01-01T00:00:00Z", "2036-01-01T00:00:00Z"

    def expanded(sql: str) -> str:
        # As in Grafana, a macro's arguments end at the first closing parenthesis.
        sql = re.sub(r"\$__timeFilter\(([^()]*)\)", rf"\1 BETWEEN '{begin}' AND '{end}'", sql)
        sql = re.sub(r"\$__timeFrom\(\)", f"'{begin}'", sql)
        sql = re.sub(r"\$__timeTo\(\)", f"'{end}'", sql)
        sql = sql.replace("$__interval", "1d")
        sql = re.sub(
            r"\$__timeGroup\(([^(),]*),\s*'?1d'?\)",
            r"floor(extract(epoch from \1)/86400)*86400",
            sql,
        )
        left = re.findall(r"\$\w+", sql)
        assert not left, f"unknown macros or variables: {', '.join(left)}"
        return sql

    return expanded
