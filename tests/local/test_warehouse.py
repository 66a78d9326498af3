"""The DDL makes the warehouse, twice if need be, and each role can do what it must and no more."""

import psycopg2
import pytest

from ingestion.warehouse import ConfigurationError, Warehouse, create


def test_ddl_is_idempotent(postgres_server, warehouse):
    superuser = postgres_server.connect()
    create(superuser, warehouse)
    superuser.close()


def test_every_role_works_in_utc(warehouse):
    for role in warehouse.passwords:
        connection = warehouse.connect(role)
        with connection.cursor() as cursor:
            cursor.execute("show timezone")
            assert cursor.fetchone() == ("UTC",)
        connection.close()


@pytest.mark.parametrize(
    "statement",
    [
        "select raw from ops.quarantine",
        "select * from raw.user_changes",
        "delete from ops.load",
        "create table ops.x ()",
    ],
)
def test_reader_is_refused(warehouse, statement):
    connection = warehouse.connect("reader")
    with connection.cursor() as cursor, pytest.raises(psycopg2.errors.InsufficientPrivilege):
        cursor.execute(statement)
    connection.close()


def test_missing_settings_are_named():
    with pytest.raises(ConfigurationError, match="WAREHOUSE_HOST.*WAREHOUSE_READER_PASSWORD"):
        Warehouse.from_environment({})
