"""Fixtures for all tests: a throwaway PostgreSQL per session, a fresh warehouse per module; the longest files first."""

import gc
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from ingestion.warehouse import ROLES, Warehouse, create
from local.postgres import Server, free_port

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
# The files of these folders share something that takes long to make: one worker makes it once.
TOGETHER = ("marts", "dashboards", "data_generator")
LONGEST = (
    "local/test_kills.py",
    "local/test_stack.py",
    "proof/",
    "marts/",
    "dashboards/",
    "data_generator/",
    "cases/",
    "upgrade/",
    "bench/",
    "dbt/",
)


# A shell that starts us in the background has us ignore Ctrl-C, and so would every program that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """`make test` runs files side by side: one that takes minutes must not be begun last."""

    def rank(item: pytest.Item) -> int:
        place = item.path.relative_to(ROOT / "tests").as_posix()
        return next((number for number, start in enumerate(LONGEST) if place.startswith(start)), len(LONGEST))

    items.sort(key=rank)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than cores: a test that waits, such as for Airflow, leaves its core to another."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A worker gets a file at a time, and of a folder in `TOGETHER` all of them."""
    if config.getvalue("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class FoldersTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return next((folder for folder in TOGETHER if file.startswith(f"tests/{folder}/")), file)

    return FoldersTogether(config, log)


def pytest_collection_finish() -> None:
    """What is imported stays: the garbage collector need not look at it again, which took a sixth of each dbt."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running server of this session's own, removed at its end."""
    # Under the system's temporary folder, which the server's unprivileged user may enter.
    home = Path(tempfile.mkdtemp(prefix="engagement-test-"))
    home.chmod(0o755)
    server = Server(home=home / "postgres", port=free_port())
    try:
        # dbt connects anew for each table: to hash a password 4,096 times was an eighth of the time of a test of dbt.
        server.start(settings={"fsync": "off", "shared_buffers": "256MB", "scram_iterations": "1"})
        with _removed_after_us(server):
            yield server
    finally:
        server.remove()
        home.rmdir()


@contextmanager
def _removed_after_us(server: Server) -> Iterator[None]:
    """Let a shell wait that removes the server should we be killed, as the workers of an interrupted `make test` are.

    Its standard input ends when we do.
    """
    pid = (server.data / "postmaster.pid").read_text().split()[0]
    script = 'cat; kill -QUIT "$0"; sleep 2; rm -rf "$1"'
    shell = subprocess.Popen(
        ["sh", "-c", script, pid, server.home.parent],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        shell.kill()
        shell.wait()


@pytest.fixture(scope="module")
def warehouse(postgres_server: Server) -> Iterator[Warehouse]:
    """A fresh warehouse with its roles and DDL, dropped after the module."""
    made = Warehouse(
        host="127.0.0.1",
        port=postgres_server.port,
        database="warehouse",  # the same for all modules, so that what dbt has parsed holds for all
        passwords={role: f"{role}-secret" for role in ROLES},
    )
    superuser = postgres_server.connect()
    create(superuser, made)
    yield made
    with superuser.cursor() as cursor:
        cursor.execute(f"drop database {made.database} with (force)")
    superuser.close()


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder with samples of real exports; the test is skipped where it is absent."""
    if not SHARED_DATA.exists():
        pytest.skip(f"the samples are not in {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def podcast_sample(samples: Path) -> Path:
    """The real podcast events."""
    return samples / "podcast"
