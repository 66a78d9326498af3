"""Which tables a task builds: those of one topic, as the folders of the dbt project name it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import networkx as nx

# All else is made of these layers, one after the other: a task for each would only wait for the one before.
FOUNDATION = {"work": "core", "intake": "core"}


@dataclass(frozen=True)
class Topic:
    """Tables and snapshots that one task builds, and the names of the topics that they are made of."""

    name: str
    nodes: tuple[str, ...]
    upstream: tuple[str, ...]


def topics(manifest: Path) -> list[Topic]:
    """The topics of a dbt manifest, each after those that it is made of. Views belong to none.

    A topic is the folder below the layer (`marts/sales` and `summaries/sales` are `sales`), else the layer; snapshots
    are one. Topics that are made of each other are one: a model may be put into any folder.
    """
    return _topics(manifest, manifest.stat().st_mtime_ns)


@cache
def _topics(manifest: Path, written: int) -> list[Topic]:
    """Of the manifest as it was written at a moment."""
    nodes = json.loads(manifest.read_text())["nodes"]
    topic_of = {
        node_id: _topic(node)
        for node_id, node in nodes.items()
        if node["resource_type"] in ("model", "snapshot") and node["config"]["materialized"] != "view"
    }

    def tables_above(node_id: str) -> Iterator[str]:
        for parent in nodes[node_id]["depends_on"]["nodes"]:
            if parent in topic_of:
                yield parent
            elif parent in nodes:
                yield from tables_above(parent)

    graph = nx.DiGraph()
    graph.add_nodes_from(topic_of.values())
    graph.add_edges_from(
        (topic_of[above], topic) for node_id, topic in topic_of.items() for above in tables_above(node_id)
    )
    graph.remove_edges_from(nx.selfloop_edges(graph))
    joined = nx.condensation(graph)
    members = nx.get_node_attributes(joined, "members")
    names = {number: "_and_".join(sorted(topics)) for number, topics in members.items()}
    return [
        Topic(
            names[number],
            tuple(sorted(nodes[node_id]["name"] for node_id, topic in topic_of.items() if topic in members[number])),
            tuple(sorted(names[above] for above in joined.predecessors(number))),
        )
        for number in nx.lexicographical_topological_sort(joined, key=names.get)
    ]


def _topic(node: dict[str, Any]) -> str:
    if node["resource_type"] == "snapshot":
        return "snapshots"
    layer, *below = node["fqn"][1:-1]
    return below[0] if below else FOUNDATION.get(layer, layer)
