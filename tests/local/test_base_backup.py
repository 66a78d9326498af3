"""The base backup of docs/operations.md: the whole server as files, its write-ahead log, and any moment between."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from local.backup import checksums
from local.postgres import SUPERUSER, Server, binaries, free_port
from tests.checkout import ROOT

ARCHIVED = {
    "wal_level": "replica",
    "max_wal_senders": "4",
    "archive_mode": "on",
    "shared_buffers": "64MB",
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the server's unprivileged user may enter and write."""
    folder = Path(tempfile.mkdtemp(prefix="engagement-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def test_a_server_comes_back_as_it_was_at_a_moment(place):
    archive = place / "archive"
    archive.mkdir()
    archive.chmod(0o777)
    server = Server(home=place / "first", port=free_port())
    server.start(settings={**ARCHIVED, "archive_command": f"test ! -f {archive}/%f && cp %p {archive}/%f"})
    try:
        with closing(server.connect()) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute("create table days as select number as day from generate_series(1, 1000) as number")
            base = place / "base"
            run(server, "pg_basebackup", f"--pgdata={base}", "--checkpoint=fast", "--wal-method=stream")
            cursor.execute("insert into days select generate_series(1001, 1500)")
            before = checksums(connection)
            cursor.execute("select clock_timestamp()::text, pg_sleep(0.1)")
            moment = cursor.fetchone()[0]
            cursor.execute("truncate days")  # the mistake
            cursor.execute("select pg_switch_wal()")
            assert checksums(connection) != before
    finally:
        server.stop()

    again = Server(home=place / "again", port=free_port())
    again.home.mkdir()
    base.rename(again.data)
    shutil.copy2(server.home / "password", again.home / "password")
    (again.data / "recovery.signal").touch()
    for path in (again.home, *again.home.rglob("*")):
        shutil.chown(path, server.data.stat().st_uid, server.data.stat().st_gid)
    restored = {"restore_command": f"cp {archive}/%f %p", "recovery_target_time": moment}
    again.start(settings={**ARCHIVED, "archive_mode": "off", **restored, "recovery_target_action": "promote"})
    try:
        with closing(again.connect()) as connection:
            assert checksums(connection) == before
    finally:
        again.stop()


def test_the_operations_page_names_what_was_tried():
    page = (ROOT / "docs" / "operations.md").read_text()
    for word in ("pg_basebackup", "recovery.signal", "restore_command", "recovery_target_time",
                 "archive_command", "--wal-method=stream"):  # fmt: skip
        assert word in page, word


def run(server: Server, program: str, *arguments: str) -> None:
    address = {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": SUPERUSER,
        "PGPASSWORD": server.password,
    }
    subprocess.run([binaries() / program, *arguments], env={**os.environ, **address}, check=True, capture_output=True)
