"""A company with the settings of a case; where the cases are."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import Server
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company
from tests.dbt.runner import Dbt


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture
def company_with(
    warehouse: Warehouse, postgres_server: Server, artifacts: Path, project: Path, tmp_path: Path
) -> Iterator[Callable[..., Company]]:
    """Makes a company of which nothing has landed; takes what dbt selects and the settings of its reporting day."""
    made = []

    def make(models: Sequence[str], **settings: str) -> Company:
        empty(warehouse, postgres_server)
        dbt = Dbt(warehouse, artifacts, project=project, settings=settings)
        made.append(Company(warehouse, tmp_path / "landing", dbt, models))
        return made[-1]

    yield make
    for company in made:
        company.close()
