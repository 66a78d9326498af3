"""Which folder may import from which: nothing points upwards, and no modules import each other in a circle."""

import ast
import subprocess
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# From the lowest folder to the highest: what each may import from. `dbt` and `airflow` are the libraries.
ROOMS = {
    "data_generator": set(),
    "ingestion": set(),
    "validation": {"ingestion"},
    "alerts": {"ingestion"},
    "pipeline": {"ingestion", "validation", "dbt"},
    "orchestration": {"ingestion", "alerts", "airflow"},
    "plugins": {"orchestration", "airflow"},
    "dags": {"data_generator", "ingestion", "validation", "pipeline", "orchestration", "airflow"},
    "dashboards": {"ingestion"},
    "config": {"dbt", "airflow"},
    "local": {"ingestion", "validation", "alerts", "data_generator"},
    "bench": {"local", "data_generator", "ingestion", "validation", "pipeline", "dashboards", "dbt"},
}
GUARDED = {*ROOMS, "airflow", "dbt", "tests"}
# What runs without Airflow, in a folder that may import it.
WORK = ("orchestration/build_watch.py", "orchestration/claiming.py")


def imports(tree: ast.AST) -> Iterator[str]:
    """The dotted names of all modules that are imported, wherever in the file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import"
            yield node.module


def upward(folder: Path, files: Iterable[str]) -> list[str]:
    """The imports that the folders' order does not allow, as `file imports module`."""
    found = []
    for name in sorted(files):
        room = name.partition("/")[0]
        allowed = {room, *ROOMS[room]} - ({"airflow"} if name in WORK else set())
        for module in imports(ast.parse((folder / name).read_text())):
            if module.partition(".")[0] in GUARDED - allowed:
                found.append(f"{name} imports {module}")
    return found


def circles(folder: Path, files: Iterable[str]) -> list[str]:
    """The modules of one circle of imports at the head of files, if there is one."""
    modules = {name.removesuffix(".py").removesuffix("/__init__").replace("/", "."): name for name in files}
    graph: dict[str, set[str]] = {}
    for module, name in modules.items():
        head = [node for node in ast.parse((folder / name).read_text()).body if isinstance(node, ast.ImportFrom)]
        wanted = {node.module for node in head} | {f"{node.module}.{each.name}" for node in head for each in node.names}
        graph[module] = (wanted & modules.keys()) - {module}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_folder_imports_from_one_above_it():
    assert upward(ROOT, files()) == []


def test_no_modules_import_each_other_in_a_circle():
    assert circles(ROOT, files()) == []


def test_every_folder_of_python_has_its_place():
    listed = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, check=True, capture_output=True, text=True)
    folders = {name.partition("/")[0] for name in listed.stdout.split() if "/" in name}
    assert folders - {"tests"} <= ROOMS.keys()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ingestion/planted.py", "from validation.service import audit_days"),
        ("ingestion/planted.py", "def late():\n    from dags import steps"),
        ("ingestion/planted.py", "import local.stack"),
        ("ingestion/planted.py", "from dbt.cli.main import dbtRunner"),
        ("validation/suites/planted.py", "import dags"),
        ("validation/planted.py", "from airflow.sdk import task"),
        ("data_generator/planted.py", "from ingestion.targets import TARGETS"),
        ("orchestration/build_watch.py", "from airflow.sdk import BaseOperator"),
        ("orchestration/planted.py", "from dags.steps import load"),
        ("local/planted.py", "from bench import road"),
    ],
)
def test_an_import_that_points_upwards_is_found(tmp_path: Path, name: str, line: str):
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(f"{line}\n")
    assert len(upward(tmp_path, [name])) == 1


def test_a_circle_is_found(tmp_path: Path):
    (tmp_path / "ingestion").mkdir()
    (tmp_path / "ingestion" / "one.py").write_text("from ingestion.two import x\n")
    (tmp_path / "ingestion" / "two.py").write_text("from ingestion import one\n")
    assert set(circles(tmp_path, ["ingestion/one.py", "ingestion/two.py"])) == {"ingestion.one", "ingestion.two"}


def test_a_package_that_its_own_modules_import_from_is_a_circle(tmp_path: Path):
    (tmp_path / "suites").mkdir()
    (tmp_path / "suites" / "__init__.py").write_text("from suites.marts import rules\n")
    (tmp_path / "suites" / "marts.py").write_text("from suites import Days\n")
    assert set(circles(tmp_path, ["suites/__init__.py", "suites/marts.py"])) == {"suites", "suites.marts"}


def files() -> list[str]:
    """The Python files of the folders."""
    return [path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")]
