"""What every DAG must be: importable without a connection, owned, documented task by task, small."""

import re
from pathlib import Path

import pytest

from dags.topics import topics
from tests.dags.conftest import describe, parse

MANIFEST = Path("dbt/target/manifest.json")
ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = {"maintenance", "watch"}  # DAGs that bring no days


def test_every_dag_imports_without_a_connection(described):
    assert described["errors"] == {}
    assert set(described["dags"]) == {"engagement_daily", "timelapse"} | OPERATIONS


def test_the_day_comes_at_midnight_or_in_time_lapse(described, project):
    every_day = describe(project)["dags"]
    days = {dag_id: dag["schedule"] for dag_id, dag in every_day.items() if dag_id not in OPERATIONS}
    assert days == {"engagement_daily": "0 0 * * *"}
    lapse = {dag_id: dag["schedule"] for dag_id, dag in described["dags"].items() if dag_id not in OPERATIONS}
    assert lapse == {"engagement_daily": "None", "timelapse": "0:27:37.077100"}


def test_a_factor_that_is_none_is_an_import_error(project):
    found = describe(project, TIMELAPSE_FACTOR="-3")
    assert found["dags"].keys() == OPERATIONS
    assert all("TIMELAPSE_FACTOR=-3 is not from 1 to 86400" in trace for trace in found["errors"].values())


def test_a_dag_that_connects_while_it_is_parsed_is_found(project):
    bad = project / "dags" / "bad.py"
    bad.write_text(
        "import os\n"
        "from airflow.sdk import DAG\n"
        "from ingestion.warehouse import Warehouse\n"
        "Warehouse.from_environment(os.environ).connect()\n"
        "DAG('bad')\n"
    )
    try:
        [trace] = describe(project)["errors"].values()
        assert "Connection refused" in trace
    finally:
        bad.unlink()


def test_every_dag_has_owner_tags_and_docs(described):
    for dag_id, dag in described["dags"].items():
        assert dag["owners"] and "airflow" not in dag["owners"], dag_id
        assert dag["tags"], dag_id
        assert not dag["catchup"], dag_id


def test_the_docs_say_for_every_task_what_to_do_when_it_fails(described):
    for dag in described["dags"].values():
        documented = set(
            re.findall(r"^- \*\*`(\w+)`\*\*(?:(?!^- ).)*?\*Failed\*: ", dag["doc"], re.MULTILINE | re.DOTALL)
        )
        assert documented == {task_id.split(".")[0] for task_id in dag["tasks"]}


def test_the_operations_page_says_the_same(described):
    page = " ".join((ROOT / "docs" / "operations.md").read_text().split())
    for dag in described["dags"].values():
        for item in re.split(r"\n(?=- )", dag["doc"][dag["doc"].index("- **") :].strip()):
            assert " ".join(item.split()) in page


def test_a_dag_file_reads_like_a_table_of_contents(described):
    for dag in described["dags"].values():
        lines = Path(dag["file"]).read_text().rstrip().splitlines()
        assert len(lines) < 120
        assert ">>" in "".join(lines[-2:]) or len(dag["tasks"]) == 1, "ends with one arrow expression"


def test_every_topic_is_a_task_after_what_it_is_made_of(described, project):
    tasks = described["dags"]["engagement_daily"]["tasks"]
    for topic in topics(project / MANIFEST):
        assert f"models.{topic.name}" in tasks["claim"]
        for upstream in topic.upstream:
            assert f"models.{topic.name}" in tasks[f"models.{upstream}"]
    assert {"models.core", "models.summaries", "models.sales", "models.retention"} <= set(tasks["claim"])


@pytest.mark.parametrize(
    ("task", "topics"), [("load", set()), ("models.sales", {"models.sales"}), ("claim", None), ("finish", set())]
)
def test_a_task_that_runs_reads_no_topics_but_its_own(described, project, task, topics):
    context = {"_AIRFLOW_PARSING_CONTEXT_DAG_ID": "engagement_daily", "_AIRFLOW_PARSING_CONTEXT_TASK_ID": task}
    of_all = set(described["dags"]["engagement_daily"]["tasks"])
    of_the_task = set(describe(project, **context)["dags"]["engagement_daily"]["tasks"])
    wanted = {each for each in of_all if not each.startswith("models.")} | (topics or set())
    assert of_the_task == (of_all if topics is None else wanted)
    assert task in of_the_task


def test_the_audit_trail_follows_the_dimensions_where_it_is_on(described, project):
    assert "models.snapshots" not in described["dags"]["engagement_daily"]["tasks"]
    before = (project / MANIFEST).read_bytes()
    parse(project, AUDIT_TRAIL="true")
    tasks = describe(project, AUDIT_TRAIL="true")["dags"]["engagement_daily"]["tasks"]
    (project / MANIFEST).write_bytes(before)
    assert "models.snapshots" in tasks["models.core"]
    assert tasks["models.snapshots"] == ["audit_marts"]


def test_a_failure_anywhere_reddens_the_run_and_releases_the_claim(described):
    dag = described["dags"]["engagement_daily"]
    downstream = dag["tasks"]
    assert downstream["finish"] == [] and downstream["release"] == []
    assert downstream["built_by_another_run"] == [] and "built_by_another_run" in downstream["claim"]
    assert dag["rules"]["finish"] == "none_failed_min_one_success"
    assert dag["rules"]["release"] == "one_failed"
    for task_id in set(downstream) - {"finish", "release", "built_by_another_run"}:  # the last does nothing
        reached, front = set(), [task_id]
        while front:
            front += [each for each in downstream[front.pop()] if each not in reached and not reached.add(each)]
        assert {"finish", "release"} <= reached, task_id


def test_a_task_that_fails_tells_people(described):
    silent = {("timelapse", "run_day")}  # the run that it waits for has told them
    for dag_id, dag in described["dags"].items():
        for task_id, tells in dag["tells"].items():
            assert tells == ((dag_id, task_id) not in silent), f"{dag_id}.{task_id}"
