"""A company and a dbt for each module; each test begins with an empty warehouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import Server
from tests.dbt.helpers import BUILT_SCHEMAS, Company
from tests.dbt.runner import Dbt


@pytest.fixture(scope="module")
def dbt(warehouse: Warehouse, tmp_path_factory) -> Dbt:
    return Dbt(warehouse, tmp_path_factory.mktemp("dbt"))


@pytest.fixture
def company(warehouse: Warehouse, postgres_server: Server, dbt: Dbt, tmp_path: Path, request) -> Iterator[Company]:
    """A company of which nothing has landed. A module says in MODELS what it is about, and builds only that."""
    empty(warehouse, postgres_server)
    made = Company(warehouse, tmp_path / "landing", dbt, getattr(request.module, "MODELS", ()))
    yield made
    made.close()


def empty(warehouse: Warehouse, server: Server) -> None:
    """Leave the warehouse as its DDL made it."""
    superuser = server.connect(warehouse.database)
    schemas = (*BUILT_SCHEMAS, "staging", "intake", "work")
    with superuser, superuser.cursor() as cursor:
        cursor.execute(
            "select format('drop %%s if exists %%I.%%I cascade',"
            " case relkind when 'v' then 'view' else 'table' end, nspname, relname)"
            " from pg_class inner join pg_namespace on relnamespace = pg_namespace.oid"
            " where (nspname in %s and relkind in ('r', 'v'))"
            " or (nspname = 'raw' and relkind = 'r' and relname ~ '_20[0-9]{6}$')"
            " order by relkind desc",
            [schemas],
        )
        for (statement,) in cursor.fetchall():
            cursor.execute(statement)
        cursor.execute(
            "truncate raw.user_changes, raw.product_changes, raw.content_changes, raw.creator_changes,"
            " raw.rate_changes, ops.load, ops.build, ops.run, ops.model_run, ops.model_definition"
            " restart identity cascade"
        )
    superuser.close()
