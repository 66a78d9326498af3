"""`python -m dashboards.grafana.airflow_reader`: make the role with which Grafana reads Airflow's own tables.

Needs WAREHOUSE_HOST, WAREHOUSE_PORT, WAREHOUSE_SUPERUSER, WAREHOUSE_SUPERUSER_PASSWORD and AIRFLOW_READER_PASSWORD.
Airflow's database is `airflow` on the same server, and has its tables.
"""

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psycopg2
from psycopg2 import sql

ROOT = Path(__file__).resolve().parents[2]
ROLE, DATABASE = "airflow_reader", "airflow"
NEEDED = (
    "WAREHOUSE_HOST",
    "WAREHOUSE_PORT",
    "WAREHOUSE_SUPERUSER",
    "WAREHOUSE_SUPERUSER_PASSWORD",
    "AIRFLOW_READER_PASSWORD",
)


def make(environment: Mapping[str, str]) -> None:
    """Make the role, or give it again what it may read and its password.

    Raises KeyError for a setting that is missing, and psycopg2.Error.
    """
    host, port, user, password, secret = (environment[name] for name in NEEDED)
    connection = psycopg2.connect(host=host, port=port, dbname=DATABASE, user=user, password=password)
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute((ROOT / "sql" / "airflow_reader.sql").read_text())
        role = sql.Identifier(ROLE)
        cursor.execute(sql.SQL("alter role {} password {}").format(role, sql.Literal(secret)))


def main() -> int:
    missing = [name for name in NEEDED if not os.environ.get(name)]
    if missing:
        print(f"{', '.join(missing)}: not set. Remedy: set it in .env.", file=sys.stderr)
        return 1
    try:
        make(os.environ)
    except psycopg2.Error as error:
        print(f"{DATABASE}: {error}Remedy: run `airflow db migrate` before, and as a superuser.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
