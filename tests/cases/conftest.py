"""A company with the settings of a case; where the cases are."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import Server
from tests.cases.models import project_with
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company
from tests.dbt.runner import Dbt

MODELS = (
    "+engagement_daily",
    "+lifecycle",
    "+retention",
    "+acquisition",
)  # what cases without a model of their own ask


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("dbt")


@pytest.fixture(scope="module")
def project(artifacts: Path) -> Callable[[dict[str, str]], Path]:
    """A copy of the project with all models that the cases ask for, parsed once for cases of the same settings."""
    return lambda models: project_with(models, artifacts / "project")


@pytest.fixture
def company_with(
    warehouse: Warehouse, postgres_server: Server, artifacts: Path, tmp_path: Path
) -> Iterator[Callable[..., Company]]:
    """Makes a company of which nothing has landed; takes the settings of its reporting day."""
    made = []

    def make(**settings: str) -> Company:
        empty(warehouse, postgres_server)
        dbt = Dbt(warehouse, artifacts, settings=settings)
        made.append(Company(warehouse, tmp_path / "landing", dbt, MODELS))
        return made[-1]

    yield make
    for company in made:
        company.close()
