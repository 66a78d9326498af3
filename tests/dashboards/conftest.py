"""A warehouse with a few days in it."""

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from upath import UPath

from data_generator.service import generate
from ingestion.service import claim, finish, load_day, publish_day, record_run_end, record_run_start
from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server
from tests.dbt.runner import Dbt
from validation.service import audit_day, audit_marts

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 3)


@pytest.fixture(scope="session")
def lived_in(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Three days published, two of them built by dbt; some events came twice; a run and some checks failed.

    One for all files of this folder that a worker runs: a test takes back what it changes.
    """
    warehouse = Warehouse(
        host="127.0.0.1",
        port=postgres_server.port,
        database="lived_in",
        passwords={role: f"{role}-secret" for role in ROLES},
    )
    create(postgres_server.connect(), warehouse)
    landing = UPath(tmp_path_factory.mktemp("landing"))
    generate(landing, FIRST, LAST, seed=1, scale=1, start=FIRST, workers=1)
    app = Path(str(landing)) / "app"
    shutil.copy(
        app / str(FIRST) / "events-ios.ndjson.gz", app / str(FIRST + timedelta(days=1)) / "events-again.ndjson.gz"
    )
    dbt = Dbt(warehouse, tmp_path_factory.mktemp("dbt"))
    connection = warehouse.connect("loader")
    for number in range(3):
        day = FIRST + timedelta(days=number)
        run = f"run-{day}"
        started_at = datetime.combine(day, datetime.min.time(), UTC) + timedelta(days=1)
        record_run_start(
            connection,
            run,
            dag_id="engagement_daily",
            run_type="scheduled",
            first_load_date=day,
            last_load_date=day,
            started_at=started_at,
        )
        load_day(connection, landing, day)
        audit_day(warehouse, day)
        publish_day(connection, day)
        good = day < LAST
        if good:
            build = claim(connection, run, [day])
            dbt.build()
            report = audit_marts(warehouse, build.build_id)
            assert report.success, str(report)
            finish(connection, build)
        record_run_end(connection, run, succeeded=good, finished_at=started_at + timedelta(minutes=1))
    with connection, connection.cursor() as cursor:
        cursor.execute("update ops.model_run set status = 'fail' where name like 'unique%'")
        cursor.execute("update ops.validation_result set success = false where expectation = 'volume_jumps'")
    connection.close()
    return warehouse
