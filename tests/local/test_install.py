"""`local/install.sh`: which Python it takes, and what it says when there is none."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "a project"
    (folder / "local").mkdir(parents=True)
    shutil.copy(ROOT / "local" / "install.sh", folder / "local" / "install.sh")
    (folder / "requirements.txt").write_text("")
    return folder


def python(folder: Path, version: str) -> Path:
    """A program that answers as a Python of that version would."""
    fake = folder / f"python{version}"
    major, minor, *_ = version.split(".")
    right = 0 if (3, 11) <= (int(major), int(minor)) <= (3, 13) else 1
    fake.write_text(f'#!/bin/sh\ncase "$2" in *platform*) echo {version} ;; *) exit {right} ;; esac\n')
    fake.chmod(0o755)
    return fake


def install(project: Path, **environment: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["sh", "local/install.sh", "requirements.txt"],
        cwd=project,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("version", ["3.10.4", "3.14.0"])
def test_a_python_too_old_or_too_new_is_named_with_the_remedy(project, version):
    fake = python(project.parent, version)
    done = install(project, PYTHON=str(fake))
    assert done.returncode == 1
    assert f"{fake} is {version}" in done.stderr
    assert "Python 3.11, 3.12 or 3.13 is needed" in done.stderr and "Remedy: install one" in done.stderr
    assert not (project / ".venv").exists()


def test_no_python_at_all(project):
    done = install(project, PYTHON="/nowhere/python")
    assert done.returncode == 1 and "no Python at all" in done.stderr


def test_nothing_is_done_when_all_is_installed(project):
    (project / ".venv" / "bin").mkdir(parents=True)
    python(project / ".venv" / "bin", "3.12.0").rename(project / ".venv" / "bin" / "python")
    stamp = subprocess.run(["cksum"], input="", capture_output=True, text=True, check=True).stdout
    (project / ".venv" / ".installed-requirements.txt").write_text(stamp)
    done = install(project)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_broken_environment_is_made_anew(project):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    done = install(project, PYTHON="/nowhere/python")
    assert "making .venv anew" in done.stdout
    assert not (project / ".venv").exists()
