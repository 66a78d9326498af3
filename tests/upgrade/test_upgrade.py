"""A warehouse that an earlier version of the project has made and filled is taken over by this one.

The earlier version is run as it was, out of the history of the repository; it is skipped where that is not there.
"""

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse, create
from pipeline.deploy import deploy
from tests.checkout import ROOT
from tests.dbt.helpers import Company, at, event, user
from tests.dbt.runner import Dbt

EARLIER = "fdd6b07ff29ba9f4e5dc7f6262cc6c11a74876d1"  # before sales, subscriptions, paths, acquisition and the report
MODELS = ("+engagement_daily", "+mart_sales")
NUMBERS = "select activity_date, dau, wau, mau, sessions from reporting.engagement_daily order by 1"

# Run by the earlier version's own code: land, load and build two days.
RUN_BEFORE = """
import sys
from pathlib import Path
from ingestion.warehouse import ROLES, Warehouse, create
from tests.dbt.helpers import Company, at, event, user
from tests.dbt.runner import Dbt
import os, psycopg2
warehouse = Warehouse.from_environment(os.environ)
superuser = psycopg2.connect(os.environ["SUPERUSER"])
create(superuser, warehouse)
company = Company(warehouse, Path(sys.argv[1]) / "landing", Dbt(warehouse, Path(sys.argv[1])))
company.land(
    1,
    [
        event("e1", at(1), event="content_complete", duration_seconds=60),
        event("e2", at(1, "12:10")),
        event("e3", at(1, "13:30"), user="u_2"),
    ],
    users=[user("u_1", at(1, "08:00")), user("u_2", at(1, "09:00"), country="US")],
)
company.land(2, [event("e4", at(2)), event("e5", at(1, "23:00"), user="u_3")])
company.build(1, 2)
with warehouse.connect("loader") as connection, connection.cursor() as cursor:
    cursor.execute(
        "insert into ops.validation_document (suite, document, load_date, last_load_date)"
        " values ('user_events', '{}', '2026-02-28', '2026-03-02'), ('marts', '{}', null, null)"
    )
"""


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """The earlier version's files."""
    packed = subprocess.run(["git", "archive", EARLIER], cwd=ROOT, capture_output=True)
    if packed.returncode != 0:
        pytest.skip("the history of the repository does not reach back to the earlier version")
    with tarfile.open(fileobj=io.BytesIO(packed.stdout)) as archive:
        archive.extractall(tmp_path / "earlier", filter="data")
    return tmp_path / "earlier"


@pytest.fixture
def taken_over(warehouse: Warehouse, postgres_server, earlier: Path, tmp_path: Path):
    """A warehouse made and filled by the earlier version, as this version's company."""
    superuser = postgres_server.connect()
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute(f"drop database {warehouse.database} with (force)")
    done = subprocess.run(
        [sys.executable, "-c", RUN_BEFORE, str(tmp_path)],
        cwd=earlier,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": str(earlier),
            "SUPERUSER": f"host=127.0.0.1 port={postgres_server.port} user=postgres dbname=postgres"
            f" password={postgres_server.password}",
            **warehouse.environment(),
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    create(superuser, warehouse)  # what `make up` and the service `init` do first
    company = Company(warehouse, tmp_path / "landing", Dbt(warehouse, tmp_path), MODELS)
    yield company
    company.close()
    superuser.close()


def test_numbers_stay_and_what_is_new_is_built_from_what_was_published(taken_over: Company, monkeypatch):
    before = taken_over.query(NUMBERS)
    assert [row[1] for row in before] == [3, 1]
    for name, value in {**taken_over.warehouse.environment(), **taken_over.dbt.settings}.items():
        monkeypatch.setenv(name, value)
    pending = deploy(taken_over.warehouse)
    assert pending["mart_sales"] == "not built yet" and "fact_user_events" in pending
    taken_over.land(
        3,
        [event("e6", at(3), event="purchase", product_id="p_1", quantity=1, amount=9.5, currency="EUR")],
        users=[user("u_1", at(3, "08:00"), country="FR")],
    )
    taken_over.build(3)
    after = taken_over.query(NUMBERS)
    assert after[:2] == before and len(after) == 3
    assert taken_over.query("select count(*) from ops.load_day where built_version = version") == [(3,)]
    # Views of the earlier version upon what was not built here are left out of the comparison.
    for (view,) in taken_over.query("select viewname from pg_views where schemaname = 'reporting'"):
        if view != "engagement_daily":
            _run(taken_over, f"drop view if exists reporting.{view} cascade")
    assert taken_over.differences() == {}
    # The days are run again, by this version's rules: nothing changes.
    taken_over.load(1, 2)
    taken_over.build()
    assert taken_over.query(NUMBERS) == after


def test_an_audit_of_several_days_names_each(taken_over: Company):
    assert taken_over.query("select suite, load_dates::text from ops.validation_document order by suite") == [
        ("marts", None),
        ("user_events", "{2026-02-28,2026-03-01,2026-03-02}"),
    ]


def _run(company: Company, statement: str) -> None:
    with company.transformer.cursor() as cursor:
        cursor.execute(statement)
