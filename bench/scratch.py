"""A stack of its own for a measurement: a copy of the checkout in a temporary folder, on free ports."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.postgres import free_port
from local.settings import Settings
from local.stack import Stack

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def scratch_stack(*, warm: bool = True, **environ: str) -> Iterator[Stack]:
    """A stack that is not started yet; stopped and removed at the end, whatever happens.

    Args:
        warm: False leaves out what makes Airflow's tasks start with their libraries imported.
        environ: settings, as in `.env`.
    """
    # Not below a root-only folder: PostgreSQL's unprivileged user must be able to enter it.
    with tempfile.TemporaryDirectory(prefix="engagement-bench-") as folder:
        Path(folder).chmod(0o755)
        project = Path(folder) / "project"
        _copy_checkout(project)
        if not warm:
            (project / "config" / "airflow_local_settings.py").unlink()
        ports = {"WAREHOUSE_PORT": str(free_port()), "AIRFLOW_PORT": str(free_port())}
        settings = Settings.load(project, {**ports, **environ}).with_secrets()
        stack = Stack(settings, say=lambda _: None)
        try:
            yield stack
        finally:
            stack.clean()


def _copy_checkout(project: Path) -> None:
    """Copy the checkout's tracked files and new files that are not ignored: neither `.local` nor `.venv`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")},
    )
    for name in listed.stdout.decode().split("\0"):
        source = ROOT / name
        if name and source.is_file():
            target = project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
