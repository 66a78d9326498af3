"""`make backup` and `make restore`: both databases in files, with a checksum of each table, and back.

What has landed is not in the databases: the landing area is backed up by whoever keeps it.
"""

import json
import os
import shutil
import subprocess
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ
from psycopg2.extensions import connection as Connection

from ingestion.warehouse import create
from local.errors import LocalError
from local.postgres import SUPERUSER, Server, binaries
from local.settings import Settings
from local.stack import Stack, create_airflow_database

AIRFLOW = "airflow"
CONTENTS = "contents.json"
REPLACED = "_replaced"  # the end of the name of a database that a restore has put aside
AS_BEFORE = "The databases are as they were before; `make up` starts the stack."
TABLES = Path(__file__).parent / "sql" / "tables.sql"


def backup(settings: Settings, folder: Path | None = None) -> Path:
    """Write both databases as they are at one moment each, while the stack runs; gives the folder.

    It holds passwords and all data: only its owner may read it. Raises `LocalError` when PostgreSQL does not run.
    """
    server = settings.server
    if not server.is_running():
        raise LocalError("PostgreSQL does not run.", "`make up` starts it.")
    now = datetime.now(UTC)
    target = folder or settings.local / "backups" / f"{now:%Y-%m-%dT%H%M%SZ}"
    if target.exists():
        raise LocalError(f"{target} exists.", "Give another folder, TO=dir.")
    partial = target.with_name(f".{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True, mode=0o700)
    contents = {"made_at": now.isoformat(), "databases": {}}
    for name, database in _databases(settings).items():
        contents["databases"][name] = _dump(server, database, partial / f"{name}.dump")
    shutil.copy2(settings.local / "env", partial / "env")
    (partial / CONTENTS).write_text(json.dumps(contents, indent=1))
    partial.rename(target)
    return target


def restore(settings: Settings, folder: Path) -> int:
    """Put both databases back as they were, in place of what is there, and compare every table by its checksum.

    Airflow is stopped, and the stack is started again, which takes the databases over to the project's version. Gives
    how many tables there are. Raises `LocalError` when the folder is no backup, and when a table differs.
    """
    if not (folder / CONTENTS).is_file():
        raise LocalError(f"{folder} is no backup: it has no {CONTENTS}.", "`ls .local/backups` shows what there is.")
    contents = json.loads((folder / CONTENTS).read_text())
    if not (settings.local / "env").exists():  # a new machine: passwords, keys and the company come with the backup
        settings.local.mkdir(parents=True, exist_ok=True)
        shutil.copy2(folder / "env", settings.local / "env")
        settings = Settings.load(settings.project, os.environ)
    settings = settings.with_secrets()
    stack = Stack(settings)
    stack.stop()
    server = settings.server
    server.start()
    try:
        with closing(server.connect()) as superuser:
            create(superuser, settings.warehouse)  # roles belong to no database, and must be there before
            create_airflow_database(superuser, settings["AIRFLOW_DB_PASSWORD"])
            tables = _replace(server, superuser, _databases(settings), folder, contents["databases"])
    finally:
        server.stop()
    for stamp in server.home.glob("*.stamp"):
        stamp.unlink()  # what `make up` did before is not known of these databases
    stack.up()
    return tables


def checksums(connection: Connection) -> dict[str, list[int]]:
    """Of each table its rows, and a sum over the hashes of the rows, which does not depend on their order."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES.read_text())
        tables = cursor.fetchall()
        found = {}
        for schema_name, table in tables:
            cursor.execute(
                sql.SQL(
                    "select count(*), coalesce(sum(hashtextextended(rows::text, 0)), 0)::text from {} as rows"
                ).format(sql.Identifier(schema_name, table))
            )
            found[f"{schema_name}.{table}"] = list(cursor.fetchone())
    return found


def _databases(settings: Settings) -> dict[str, str]:
    return {"warehouse": settings.warehouse.database, "airflow": AIRFLOW}


def _dump(server: Server, database: str, file: Path) -> dict[str, list[int]]:
    """Write a database to a file, and give the checksums of its tables of the same moment."""
    with closing(server.connect(database)) as connection:
        connection.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ, readonly=True)
        with connection.cursor() as cursor:
            cursor.execute("select pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
        _run(server, "pg_dump", "--format=custom", f"--snapshot={snapshot}", f"--file={file}", database)
        return checksums(connection)


def _replace(
    server: Server, superuser: Connection, databases: dict[str, str], folder: Path, before: dict[str, dict]
) -> int:
    """Put the databases of a backup in place of those that are there, which come back when anything goes wrong."""
    superuser.autocommit = True
    with superuser.cursor() as cursor:

        def do(statement: str, *names: str) -> None:
            cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

        for database in databases.values():
            do("drop database if exists {} with (force)", f"{database}{REPLACED}")
            do("alter database {} rename to {}", database, f"{database}{REPLACED}")
        try:
            for name in databases:
                _run(
                    server,
                    "pg_restore",
                    "--create",
                    "--exit-on-error",
                    "--dbname=postgres",
                    str(folder / f"{name}.dump"),
                )
            tables = sum(_compare(server, databases[name], before[name]) for name in databases)
        except BaseException:
            for database in databases.values():
                do("drop database if exists {} with (force)", database)
                do("alter database {} rename to {}", f"{database}{REPLACED}", database)
            raise
        for database in databases.values():
            do("drop database {} with (force)", f"{database}{REPLACED}")
    return tables


def _compare(server: Server, database: str, before: dict[str, list[int]]) -> int:
    """How many tables a restored database has. Raises `LocalError` when one is not as it was."""
    with closing(server.connect(database)) as connection:
        found = checksums(connection)
    different = sorted(table for table in before | found if before.get(table) != found.get(table))
    if different:
        raise LocalError(
            f"after the restore these tables of {database} are not as they were: {', '.join(different[:10])}.",
            f"The backup is damaged: take an older one. {AS_BEFORE}",
        )
    return len(found)


def _run(server: Server, program: str, *arguments: str) -> None:
    address = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": server.password,
    }
    command = [str(binaries() / program), *arguments]
    done = subprocess.run(command, env={**os.environ, **address}, capture_output=True, text=True)
    if done.returncode != 0:
        raise LocalError(
            f"{program} failed: {done.stderr.strip()[-2000:]}",
            f"Mend what it says. {AS_BEFORE}",
        )
