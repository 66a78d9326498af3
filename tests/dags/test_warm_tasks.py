"""What a task has from the scheduler that forked it, and what it forgets when files have changed."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.dags.conftest import environment

SCRIPT = """
import importlib, json, os, sys
from pathlib import Path

sys.argv = ["airflow", "scheduler"]
import airflow_local_settings


def fork(work):
    reading, writing = os.pipe()
    if os.fork() == 0:
        os.write(writing, json.dumps(work()).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    return json.loads(os.read(reading, 10_000))


def in_a_task(work):  # a fork of the executor's worker
    return fork(lambda: fork(work))


def known():
    from cosmos.dbt.runner import get_runner

    used = ["dags.steps", "data_generator.service", "orchestration.claim", "pipeline.service", "validation.service"]
    from_before = sys.modules.keys() >= set(used)
    for module in used:
        importlib.import_module(module)
    from data_generator.company import name_pools
    from ingestion.contract_yaml import contract_of
    from ingestion.times import UTC

    remembered = [each.cache_info().currsize > 0 for each in (contract_of, name_pools)]
    manifest = get_runner().manifest
    is_of_now = manifest is not None and "-- after the deploy" in manifest.nodes["model.engagement.dim_date"].raw_code
    return [from_before, *remembered, str(UTC), is_of_now]


def change(path, text):
    Path(path).write_text(Path(path).read_text() + text)


def in_what_a_task_forks():
    known()
    change("ingestion/times.py", "UTC = 'changed again'\\n")
    return fork(known)


told = [in_a_task(known)]
change("dbt/models/core/dim_date.sql", "-- changed\\n")
told.append(in_a_task(known))
change("ingestion/times.py", "UTC = 'changed'\\n")
told.append(in_a_task(known))
told.append(in_a_task(in_what_a_task_forks))
print(json.dumps(told))
"""


def test_a_task_has_what_the_scheduler_knows_and_forgets_what_changed(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "project", symlinks=True)
    with (folder / "dbt" / "models" / "core" / "dim_date.sql").open("a") as model:
        model.write("-- after the deploy\n")
    assert json.loads(last_line_of(SCRIPT, folder)) == [
        [True, True, True, "UTC", True],
        [True, True, True, "UTC", False],
        [False, False, False, "changed", False],
        [True, False, False, "changed", False],
    ]


def test_the_project_is_read_where_no_deploy_left_what_it_had_read(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "project", symlinks=True)
    (folder / "dbt" / "target" / "partial_parse.msgpack").unlink()
    script = (
        "import airflow, cosmos.operators.local, airflow_local_settings as settings; settings._warm_up_dbt(); "
        "from cosmos.dbt.runner import get_runner; print(len(get_runner().manifest.nodes))"
    )
    assert int(last_line_of(script, folder)) > 100


@pytest.mark.parametrize("broken", ["orchestration/claim.py", "dbt/target/manifest.json"])
def test_the_scheduler_starts_although_something_is_broken(project, tmp_path, broken):
    folder = shutil.copytree(project, tmp_path / "project", symlinks=True)
    (folder / broken).write_text("neither Python nor JSON\n")
    last_line_of("import airflow_local_settings as settings; settings._warm_up_ours(); print()", folder)


def last_line_of(script: str, folder: Path) -> str:
    """What a script prints last in this copy of the project; it must end well."""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]
