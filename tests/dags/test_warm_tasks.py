"""What a task has from the scheduler that forked it, and what it forgets when files have changed."""

import json
import shutil
import subprocess
import sys

from tests.dags.conftest import environment

SCRIPT = """
import importlib, json, os, sys
from pathlib import Path

sys.argv = ["airflow", "scheduler"]
import airflow_local_settings


def in_a_task():
    reading, writing = os.pipe()
    if os.fork() == 0:
        from cosmos.dbt.runner import get_runner

        used = ["dags.steps", "data_generator.service", "orchestration.claim", "pipeline.service", "validation.service"]
        from_scheduler = sys.modules.keys() >= set(used)
        for module in used:
            importlib.import_module(module)
        from ingestion.times import UTC

        manifest = get_runner().manifest
        models = None if manifest is None else len(manifest.nodes)
        os.write(writing, json.dumps([from_scheduler, str(UTC), models is not None and models > 100]).encode())
        os._exit(0)
    os.close(writing)
    os.wait()
    return json.loads(os.read(reading, 10_000))


told = [in_a_task()]
model = Path("dbt/models/core/dim_date.sql")
model.write_text(model.read_text() + "-- changed\\n")
told.append(in_a_task())
times = Path("ingestion/times.py")
times.write_text(times.read_text() + "UTC = 'changed'\\n")
told.append(in_a_task())
print(json.dumps(told))
"""


def test_a_task_has_what_the_scheduler_knows_and_forgets_what_changed(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "project", symlinks=True)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=folder, env=environment(folder), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == [
        [True, "UTC", True],
        [True, "UTC", False],
        [False, "changed", False],
    ]


def test_the_scheduler_starts_although_our_code_is_broken(project, tmp_path):
    folder = shutil.copytree(project, tmp_path / "project", symlinks=True)
    (folder / "orchestration" / "claim.py").write_text("this is no Python\n")
    (folder / "dbt" / "target" / "manifest.json").unlink()
    command = [sys.executable, "-c", "import airflow_local_settings as settings; settings._warm_up_ours()"]
    done = subprocess.run(command, cwd=folder, env=environment(folder), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
