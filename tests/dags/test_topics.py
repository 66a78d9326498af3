"""Which task builds which tables."""

import json
from itertools import chain

import pytest

from dags.topics import Topic, topics


@pytest.fixture
def shipped(project):
    """The project's topics by name, and dbt's manifest."""
    manifest = project / "dbt" / "target" / "manifest.json"
    return {topic.name: topic for topic in topics(manifest)}, json.loads(manifest.read_text())["nodes"]


def test_every_table_is_in_one_topic_and_no_view_is(shipped):
    found, nodes = shipped
    tables = [
        node["name"]
        for node in nodes.values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "view"
    ]
    assert {"work_build", "mart_engagement"} <= set(tables) and "engagement_daily" not in tables
    assert sorted(chain.from_iterable(topic.nodes for topic in found.values())) == sorted(tables)


def test_topics_that_are_made_of_each_other_are_one(tmp_path):
    manifest = write(
        tmp_path,
        fact_users=("core", []),
        fact_orders=("summaries/sales", ["fact_users"]),
        mart_mrr=("marts/subscriptions", ["fact_orders"]),
        mart_own=("marts/sales", ["mart_mrr"]),
        mart_top=("marts", ["mart_own"]),
    )
    assert topics(manifest) == [
        Topic("core", ("fact_users",), ()),
        Topic("sales_and_subscriptions", ("fact_orders", "mart_mrr", "mart_own"), ("core",)),
        Topic("marts", ("mart_top",), ("sales_and_subscriptions",)),
    ]


def test_a_topic_reads_through_views(tmp_path):
    manifest = write(
        tmp_path,
        fact_users=("core", []),
        stg_users=("staging", ["fact_users"]),
        mart_users=("marts/people", ["stg_users"]),
    )
    assert topics(manifest)[1] == Topic("people", ("mart_users",), ("core",))


def write(folder, **models):
    """A manifest of models, by name: the folder, and what it reads. Those of the layer staging are views."""
    nodes = {
        f"model.own.{name}": {
            "name": name,
            "fqn": ["own", *place.split("/"), name],
            "resource_type": "model",
            "config": {"materialized": "view" if place == "staging" else "incremental"},
            "depends_on": {"nodes": [f"model.own.{read}" for read in reads] + ["source.own.raw.users"]},
        }
        for name, (place, reads) in models.items()
    }
    path = folder / "manifest.json"
    path.write_text(json.dumps({"nodes": nodes}))
    return path
