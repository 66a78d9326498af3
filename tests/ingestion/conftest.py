"""What the tests of the loading share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg2.extensions import connection as Connection

from ingestion.warehouse import Warehouse
from tests.ingestion.helpers import Landing


@pytest.fixture(scope="module")
def loader(warehouse: Warehouse) -> Iterator[Connection]:
    connection = warehouse.connect("loader")
    yield connection
    connection.close()


@pytest.fixture
def landing(tmp_path: Path, loader: Connection, postgres_server, warehouse: Warehouse) -> Iterator[Landing]:
    """An empty landing area and an empty warehouse."""
    yield Landing(tmp_path / "landing", loader)
    loader.rollback()
    superuser = postgres_server.connect(warehouse.database)
    with superuser, superuser.cursor() as cursor:
        cursor.execute(
            "select format('drop table raw.%I', relname) from pg_class where relname ~ '_20[0-9]{6}$'"
            " and relkind = 'r' and relnamespace = 'raw'::regnamespace"
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        cursor.execute(
            "truncate raw.user_changes, raw.product_changes, raw.content_changes, raw.creator_changes,"
            " raw.user_changes__staged, raw.product_changes__staged, raw.content_changes__staged,"
            " raw.creator_changes__staged, ops.load, ops.build, ops.run restart identity cascade"
        )
    superuser.close()
