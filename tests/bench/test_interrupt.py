"""A bench that is told to end, or whose part fails, keeps what it has and leaves nothing behind."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import bench.__main__ as bench

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A temporary folder for the bench that PostgreSQL's unprivileged user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="engagement-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def running_server(folder: Path) -> int | None:
    """The pid of a PostgreSQL below the folder that accepts connections."""
    for file in folder.glob("*/postgres/*/postmaster.pid"):
        lines = file.read_text().split()
        if lines[-1:] == ["ready"]:
            return int(lines[0])
    return None


def test_sigterm_leaves_no_server_and_no_folder(temporary):
    process = subprocess.Popen(
        [sys.executable, "-m", "bench", "--only", "range", "--no-write"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not (pid := running_server(temporary)) and time.monotonic() < deadline:
            assert process.poll() is None, process.stderr.read()
            time.sleep(0.1)
        server = psutil.Process(pid)
        process.terminate()
        process.terminate()
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 128 + signal.SIGTERM
    assert "stopped and removed" in said and "Traceback" not in said
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    assert list(temporary.iterdir()) == []


def test_a_part_that_fails_does_not_take_the_others_along(tmp_path, monkeypatch, capsys):
    def broken(say, full):
        raise RuntimeError("no such luck")

    figure = bench.Figure("fine", 1.0, "s", "target", 2.0, "s")
    parts = {
        "roads": bench.Part("Broken", broken, ""),
        "range": bench.Part("Fine", lambda say, full: ([figure], []), ""),
    }
    monkeypatch.setattr(bench, "PARTS", parts)
    monkeypatch.setattr(bench, "DOCS", tmp_path)
    monkeypatch.setattr(sys, "argv", ["bench"])
    monkeypatch.setattr(bench.signal, "signal", lambda *_: None)
    assert bench.main() == 1
    assert list(json.loads((tmp_path / "benchmarks.json").read_text())) == ["range"]
    said = capsys.readouterr()
    assert "no such luck" in said.err and "Failed: roads" in said.err
    assert "fine" in said.out
