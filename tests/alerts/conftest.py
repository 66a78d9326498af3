"""Who is told, and a warehouse in which nothing has gone wrong yet."""

from collections.abc import Iterator

import psycopg2
import pytest

from ingestion.warehouse import Warehouse
from tests.alerts.servers import MailServer, Webhook, served


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with served(Webhook()) as server:
        yield server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with served(MailServer()) as server:
        yield server


@pytest.fixture
def loader(warehouse: Warehouse) -> Iterator[psycopg2.extensions.connection]:
    """An autocommitting connection of role loader, on a warehouse without days, runs and alerts."""
    connection = warehouse.connect("loader")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for table in ("alert", "run", "load_day", "build", "load"):
            cursor.execute(f"delete from ops.{table}")
    yield connection
    connection.close()
