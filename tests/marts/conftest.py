"""One messy company for all second computations, landed once and built once, by halves and out of order."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import psycopg2.extensions
import pytest
from upath import UPath

from data_generator.service import generate
from ingestion import service
from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server
from tests.dbt.runner import Dbt
from tests.marts.landed import Landed, read

# Sign-ups, trials, renewals and churn need some months; New York changes its clock on 8 March.
FIRST, DAYS = date(2026, 1, 26), 95
SEED, SCALE = 7, 0.4
SETTINGS = {"REPORTING_TIMEZONE": "America/New_York", "WEEK_STARTS_ON": "sunday"}


@dataclass(frozen=True)
class World:
    """The company in the warehouse, and what it landed."""

    warehouse: Warehouse
    connection: psycopg2.extensions.connection
    landed: Landed

    def query(self, sql: str) -> list[tuple]:
        with self.connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall()


@pytest.fixture(scope="session")
def world(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """All days loaded; every third day built first, then the others, so that most rows are made by a second build."""
    folder = tmp_path_factory.mktemp("marts")
    landing, days = folder / "landing", [FIRST + timedelta(days=number) for number in range(DAYS)]
    generate(UPath(landing), days[0], days[-1], seed=SEED, scale=SCALE, start=FIRST)
    warehouse = Warehouse(
        host="127.0.0.1",
        port=postgres_server.port,
        database="marts",
        passwords={role: f"{role}-secret" for role in ROLES},
    )
    create(postgres_server.connect(), warehouse)
    dbt = Dbt(warehouse, folder / "dbt", settings=SETTINGS)
    loader = warehouse.connect("loader")
    for part in (days[::3], [day for number, day in enumerate(days) if number % 3]):
        for day in part:
            service.load_day(loader, UPath(landing), day)
            service.publish_day(loader, day)
        build = service.claim(loader, "test", part)
        dbt.run()
        service.finish(loader, build)
    loader.close()
    reading = warehouse.connect("transformer")
    reading.autocommit = True
    yield World(warehouse, reading, read(landing, SETTINGS["REPORTING_TIMEZONE"], SETTINGS["WEEK_STARTS_ON"]))
    reading.close()
