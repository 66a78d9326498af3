"""One world for each module of proofs; a script makes its warehouse anew."""

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import Server
from tests.proof.world import NEW_YORK, World


@pytest.fixture(scope="module")
def world(postgres_server: Server, warehouse: Warehouse, tmp_path_factory) -> World:
    return World(postgres_server, warehouse, tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def new_york(postgres_server: Server, warehouse: Warehouse, tmp_path_factory) -> World:
    """Days of New York, and weeks from Sunday."""
    return World(postgres_server, warehouse, tmp_path_factory.mktemp("dbt"), settings=NEW_YORK)
