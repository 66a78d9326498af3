"""The DAGs as Airflow sees them: loaded in a process of their own, described as JSON."""

import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from ingestion.warehouse import ROLES
from tests.checkout import copy_to

# Tests that import from Airflow must not make its folder in somebody's home.
if "AIRFLOW_HOME" not in os.environ:
    os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="engagement-test-airflow-")
    atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)

DESCRIBE = Path(__file__).parent / "describe_dags.py"


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Path:
    """A copy of the project with dbt's manifest, which needs no database."""
    folder = copy_to(tmp_path_factory.mktemp("dags") / "project")
    parse(folder)
    return folder


def parse(project: Path, **environ: str) -> None:
    """Make dbt's manifest, as the deploy does."""
    parsed = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", "parse", "--project-dir", "dbt", "--profiles-dir", "dbt"]
        + ["--profile", "engagement", "--target", "warehouse"],
        cwd=project,
        env={**environment(project), **environ},
        capture_output=True,
        text=True,
    )
    assert parsed.returncode == 0, parsed.stdout


@pytest.fixture(scope="session")
def described(project) -> dict:
    """All DAGs, those of the time-lapse too: `{"errors": {file: trace}, "dags": {dag_id: {...}}}` of the DAG folder."""
    return describe(project, TIMELAPSE_FACTOR="52.14")


def describe(project: Path, **environ: str) -> dict:
    """Load the project's DAG folder where nothing answers: a connection while parsing is an import error."""
    done = subprocess.run(
        [sys.executable, str(DESCRIBE), str(project / "dags")],
        cwd=project,
        env={**environment(project), **environ},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def environment(project: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(project),
        "PYTHONPATH": f"{project}{os.pathsep}{project / 'config'}",
        "AIRFLOW_HOME": str(project / ".local" / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://nobody@127.0.0.1:1/nothing",
        "WAREHOUSE_HOST": "127.0.0.1",
        "WAREHOUSE_PORT": "1",
        "WAREHOUSE_DB": "nothing",
        "GENERATOR_SEED": "1",
        **{f"WAREHOUSE_{role.upper()}_PASSWORD": "none" for role in ROLES},
    }
