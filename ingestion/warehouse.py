"""How to reach the warehouse, and how to make it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection
from sqlalchemy.engine import URL

DDL = Path(__file__).resolve().parent.parent / "sql" / "ddl"
ROLES = ("owner", "loader", "transformer", "reader")


class ConfigurationError(RuntimeError):
    """A setting is missing or wrong; the message names it and the remedy."""


@dataclass(frozen=True)
class Warehouse:
    """Address of the warehouse and the password of each role in `ROLES`."""

    host: str
    port: int
    database: str
    passwords: Mapping[str, str]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Warehouse":
        """Read `WAREHOUSE_HOST`, `_PORT`, `_DB` and `WAREHOUSE_<ROLE>_PASSWORD`."""
        names = {role: f"WAREHOUSE_{role.upper()}_PASSWORD" for role in ROLES}
        missing = [
            name
            for name in ("WAREHOUSE_HOST", "WAREHOUSE_PORT", "WAREHOUSE_DB", *names.values())
            if not environ.get(name)
        ]
        if missing:
            raise ConfigurationError(
                f"not set: {', '.join(missing)}.\n"
                f"Remedy: `make up` starts the local warehouse and writes them to .local/env; elsewhere see "
                f".env.example."
            )
        return cls(
            host=environ["WAREHOUSE_HOST"],
            port=int(environ["WAREHOUSE_PORT"]),
            database=environ["WAREHOUSE_DB"],
            passwords={role: environ[name] for role, name in names.items()},
        )

    def connect(self, role: str = "loader") -> Connection:
        """A new connection as `role`, in the time zone UTC."""
        return psycopg2.connect(
            host=self.host,
            port=self.port,
            dbname=self.database,
            user=role,
            password=self.passwords[role],
            connect_timeout=30,
            application_name=f"engagement/{role}",
        )

    def url(self, role: str = "loader") -> str:
        """The SQLAlchemy URL for `role`."""
        address = URL.create(
            "postgresql+psycopg2", role, self.passwords[role], host=self.host, port=self.port, database=self.database
        )
        return address.render_as_string(hide_password=False)

    def environment(self) -> dict[str, str]:
        """The settings that `from_environment` reads, and that dbt's profile reads."""
        passwords = {f"WAREHOUSE_{role.upper()}_PASSWORD": self.passwords[role] for role in ROLES}
        return {
            "WAREHOUSE_HOST": self.host,
            "WAREHOUSE_PORT": str(self.port),
            "WAREHOUSE_DB": self.database,
            **passwords,
        }


def create(superuser: Connection, warehouse: Warehouse) -> None:
    """Make the database, the roles, and what `sql/ddl` defines; safe to repeat.

    Args:
        superuser: connected to any database of the server that the warehouse is on.
    """
    superuser.autocommit = True
    with superuser.cursor() as cursor:
        cursor.execute("select 1 from pg_database where datname = %s", [warehouse.database])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("create database {}").format(sql.Identifier(warehouse.database)))
    parameters = superuser.get_dsn_parameters()
    inside = psycopg2.connect(
        host=warehouse.host,
        port=warehouse.port,
        dbname=warehouse.database,
        user=parameters["user"],
        password=superuser.info.password,
    )
    try:
        with inside, inside.cursor() as cursor:
            cursor.execute((DDL / "01_roles.sql").read_text())
            for role in ROLES:
                statement = sql.SQL("alter role {} password {}")
                cursor.execute(statement.format(sql.Identifier(role), sql.Literal(warehouse.passwords[role])))
    finally:
        inside.close()
    owner = warehouse.connect("owner")
    try:
        with owner, owner.cursor() as cursor:
            for script in sorted(DDL.glob("*.sql"))[1:]:
                cursor.execute(script.read_text())
    finally:
        owner.close()
