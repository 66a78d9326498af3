"""`local/install.sh`: which Python it takes, what it says when there is none, and what installs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "a project"
    (folder / "local").mkdir(parents=True)
    for name in ("install.sh", "requirements.py", "__init__.py"):
        shutil.copy(ROOT / "local" / name, folder / "local" / name)
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


@pytest.fixture
def index(project, tmp_path):
    """What pip is set up with here: a folder of packages and nothing else, where `small` is and uv is not.

    The machine has no uv: what is called so on the PATH does not run.
    """
    folder = tmp_path / "index"
    folder.mkdir()
    wheel(folder, "small")
    (project / "requirements.txt").write_text("small==1.0\n")
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin" / "uv", "exit 127")
    settings = "[global]\nno-index = true\nindex-url = https://me:secret@index.test/simple\n"
    (tmp_path / "pip.conf").write_text(settings)
    return {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "PYTHON": sys.executable,
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_FIND_LINKS": str(folder),
    }


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def wheel(folder: Path, name: str, script: str | None = None) -> None:
    """A package, with a program of the same name where a script is given."""
    info = f"{name}-1.0.dist-info"
    files = {f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", f"{name}.py": ""}
    files[f"{info}/WHEEL"] = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    if script:
        files[f"{name}-1.0.data/scripts/{name}"] = f"#!/bin/sh\n{script}\n"
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as package:
        for path, content in files.items():
            entry = ZipInfo(path)
            entry.external_attr = 0o100755 << 16  # else the program could not be run
            package.writestr(entry, content)
        package.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]))


def a_uv(index: dict[str, str], *, exit_code: int) -> None:
    """From now on the index has a uv, which says with what it was called and exits so."""
    script = f"""
[ "$1" = --version ] && exit 0
echo "$@" > called
env >> called
echo "Using Python of this test"
echo "Resolved 1 package in 1ms"
echo " + small==1.0"
exit {exit_code}"""
    wheel(Path(index["PIP_FIND_LINKS"]), "uv", script)


def test_a_machine_without_uv_gets_it_and_uv_gets_the_settings_of_pip(project, index):
    a_uv(index, exit_code=0)
    done = install(project, **index)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[1:] == [
        "Installing requirements.txt",
        "Getting uv from the package index",
        "Resolved 1 package in 1ms",
    ]
    called, *environment = (project / "called").read_text().splitlines()
    assert "--no-index --requirement requirements.txt" in called
    assert "UV_DEFAULT_INDEX=https://me:secret@index.test/simple" in environment
    assert f"UV_FIND_LINKS={index['PIP_FIND_LINKS']}" in environment
    assert "secret" not in called + done.stdout + done.stderr


def test_pip_installs_where_uv_cannot_be_had(project, index):
    done = install(project, **index)
    assert done.returncode == 0, done.stderr
    assert "Installing with pip" in done.stdout and "Installing 1 packages" in done.stdout
    assert not (project / ".venv" / "bin" / "uv").exists()
    assert subprocess.run([project / ".venv" / "bin" / "python", "-c", "import small"], check=False).returncode == 0
    assert install(project, **index).stdout == ""


def test_pip_installs_what_uv_could_not(project, index):
    a_uv(index, exit_code=2)
    done = install(project, **index)
    assert done.returncode == 0 and "Installing with pip" in done.stdout
    assert "Using Python of this test" in done.stderr  # what uv said


def test_what_cannot_be_installed_at_all_is_said_with_the_remedy(project, index):
    (project / "requirements.txt").write_text("large==1.0\n")
    done = install(project, **index)
    assert done.returncode == 1
    assert "No matching distribution found for large==1.0" in done.stderr
    assert "Remedy: check the network and the package index" in done.stderr
    assert not (project / ".venv" / ".installed-requirements.txt").exists()


def test_the_machines_own_uv_is_taken_as_it_is_set_up(project, index, tmp_path):
    making = f'[ "$1" = venv ] && exec {sys.executable} -m venv --without-pip .venv'
    program(tmp_path / "bin" / "uv", f'[ "$1" = --version ] && exit 0\n{making}\nenv > called')
    done = install(project, **index)
    assert done.returncode == 0, done.stderr
    assert "UV_" not in (project / "called").read_text()
