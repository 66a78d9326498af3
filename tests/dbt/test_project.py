"""What must hold for the project as it is written."""

import re
from pathlib import Path

import pytest

from tests.dbt.runner import PROJECT, Dbt

MODEL = "model.engagement."


@pytest.fixture(scope="module")
def models(dbt: Dbt) -> dict:
    """The models by name."""
    return {name.removeprefix(MODEL): node for name, node in dbt.manifest.nodes.items() if name.startswith(MODEL)}


def ancestors(models: dict, name: str) -> set[str]:
    """Everything that is built before a model."""
    parents = {node.removeprefix(MODEL) for node in models[name].depends_on.nodes if node.startswith(MODEL)}
    return parents.union(*(ancestors(models, parent) for parent in parents))


def test_work_is_settled_before_the_tables_it_looks_at_are_rebuilt(models):
    """A work model compares raw with what is built: a table that it looks up by `built` must not be rebuilt before."""
    looked_up = {
        (name, table)
        for name, node in models.items()
        for table in re.findall(r"built\('(\w+)'\)", node.raw_code)
        if table != name
    }
    assert ("event_repeats", "fact_user_events") in looked_up
    late = {(name, table) for name, table in looked_up if name not in ancestors(models, table)}
    assert late == set()


def test_every_model_waits_for_the_state_of_the_build(models):
    asking = {name for name, node in models.items() if node.config.materialized != "view" and name != "work_build"}
    assert asking >= {"fact_user_events", "mart_engagement"}
    assert {name for name in asking if "work_build" not in ancestors(models, name)} == set()


def test_only_work_and_facts_read_the_events_that_landed(models):
    """Everything else follows from the facts, which hold one arrival of each event, and from what intake keeps."""
    readers = {name for name, node in models.items() if f"{MODEL}stg_user_events" in node.depends_on.nodes}
    assert readers == {"event_arrivals", "event_repeats", "identity_spans", "fact_user_events"}


def test_a_data_test_has_one_parent(dbt: Dbt):
    """With several, every task that builds one of them would run it, the first ones too early."""
    parents = {
        node.name: node.depends_on.nodes
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "test" and len(node.depends_on.nodes) != 1
    }
    assert parents == {}


@pytest.mark.parametrize("schema", ["core", "summaries", "marts", "reporting", "restricted"])
def test_contracts_are_enforced(models, schema):
    layer = [node for node in models.values() if node.schema == schema]
    assert layer
    assert [node.name for node in layer if not node.config.contract.enforced] == []


def test_every_reporting_view_says_of_how_many_people_a_row_tells(models):
    views = {name: node.config.meta.get("cell_people") for name, node in models.items() if node.schema == "reporting"}
    assert [name for name, people in views.items() if not people] == []
    counting = {"people", "cohort_people", "buyers", "starters", "trials", "cohort_subscribers", "mau"}
    silent = {name for name, people in views.items() if people == "none" and counting & models[name].columns.keys()}
    assert silent == {"engagement_daily"}  # totals over all people


def test_a_view_that_hides_small_cells_is_read_by_no_other(models):
    """It would pass on what it lacks."""
    hiding = {name for name, node in models.items() if node.config.meta.get("cell_people", "none") != "none"}
    assert {
        name for name, node in models.items() if {f"{MODEL}{each}" for each in hiding} & {*node.depends_on.nodes}
    } == set()


@pytest.mark.parametrize("path", sorted(PROJECT.glob("models/**/*.sql")), ids=lambda path: path.stem)
def test_a_model_says_its_grain_in_the_first_line(path: Path):
    assert re.match(r"-- One row(:| per ).+", path.read_text())


@pytest.mark.parametrize("path", sorted(PROJECT.glob("**/*.sql")), ids=lambda path: path.stem)
def test_nothing_depends_on_the_clock(path: Path):
    """No model may say when it ran, nor roll dice: the same files must give the same rows."""
    modules = r"modules\.(?!re\.|pytz\.all_timezones\b)"  # patterns, and the names of time zones
    clock = rf"\b(now\(\)|current_date|current_timestamp|clock_timestamp|random\(\)|{modules})"
    assert not re.search(clock, path.read_text())


@pytest.mark.parametrize("folder", sorted(PROJECT.glob("models/*")), ids=lambda path: path.name)
def test_each_layer_has_its_rule(folder: Path):
    assert (folder / "README.md").exists()
