"""The proof finds a bug that is planted: each mutation of the dbt project makes a script break the law."""

import shutil
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import Server
from tests.dbt.runner import PROJECT
from tests.proof.directed import SCRIPTS
from tests.proof.world import World

# name: the script that finds it, the file, what is there, what is there instead, and a table that shows it.
MUTATIONS = {
    "rows are deleted by the keys of the new rows, as dbt's delete+insert does": (
        "rows that vanish",
        "models/core/fact_user_events.sql",
        '"delete from {{ this }} where load_date = any({{ load_days() }})",',
        '"delete from {{ this }} as target using __new_rows__ as new_rows where target.event_id = new_rows.event_id",',
        "core.fact_user_events",
    ),
    "events keep the version of their user that was known when they were built": (
        "a user change that arrives late",
        "models/core/fact_user_events.sql",
        "for thing in ['user', 'product', 'content']",
        "for thing in ['product', 'content']",
        "core.fact_user_events",
    ),
    "windows of change are not closed under the islands of activity": (
        "a late event at the end of an island",
        "models/work/work_actor_window.sql",
        "{%- if sessions is not none %}",
        "{%- if false %}",
        "core.fact_sessions",
    ),
    "the fact may be rebuilt before the windows of change have looked at it": (
        "rows that vanish in a build that fails after the fact",
        "models/core/fact_user_events.sql",
        "-- depends_on: {{ ref('work_actor_window') }}",
        "",
        "core.fact_sessions",
    ),
    "windows of change of a build that failed are forgotten": (
        "rows that vanish in a build that fails after the fact",
        "models/work/work_actor_window.sql",
        "where {{ is_unfinished('previous') }}",
        "where false",
        "core.fact_sessions",
    ),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_planted_bug_is_found(name: str, postgres_server: Server, warehouse: Warehouse, tmp_path: Path):
    script, file, good, bad, table = MUTATIONS[name]
    world = World(postgres_server, warehouse, tmp_path / "out", mutated(tmp_path / "dbt", file, good, bad))
    assert table in world.differences(SCRIPTS[script])


def mutated(project: Path, file: str, good: str, bad: str) -> Path:
    """A copy of the dbt project with one thing changed."""
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    text = (project / file).read_text()
    assert text.count(good) == 1, f"dbt/{file} does not say `{good}` once any more: plant the bug where it is now"
    (project / file).write_text(text.replace(good, bad))
    return project
