"""What is made of what: pictures for the documentation, and events for a lineage server (OpenLineage).

Both come from dbt's manifest. Work lists, which every model reads, are left out: they say which rows to take.
"""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path
from typing import Any

from ingestion.builds import build_of
from ingestion.statements import statement
from ingestion.warehouse import Warehouse

MANIFEST = Path(__file__).resolve().parent.parent / "dbt" / "target" / "manifest.json"
PRODUCER = "urn:engagement:pipeline"
TIMEOUT = 5  # seconds for one event
LEFT_OUT = ("work", "ops")
LAYERS = ("raw", "staging", "intake", "core", "restricted", "summaries", "marts", "reporting")
HEAD = """# Lineage

What each number is made of, from the raw tables to the views that are read. Written by `make docs` from
dbt's manifest; `dbt docs` in Airflow shows the same to click through. Work lists are left out.
"""
Manifest = Mapping[str, Any]


def parents(manifest: Manifest) -> dict[str, set[str]]:
    """For each source, model and exposure, as `schema.name`, what it reads directly."""
    names = _names(manifest)
    return {
        name: {names[parent] for parent in manifest["parent_map"].get(node, []) if parent in names}
        for node, name in names.items()
    }


def pictures(manifest: Manifest) -> str:
    """docs/lineage.md: how the layers follow each other, and for each subject of `reporting` where it comes from."""
    above = parents(manifest)
    parts = [HEAD, "## Layers\n", _layers(above)]
    for subject, views in _subjects(manifest).items():
        parts += [f"\n## {subject.replace('_', ' ').capitalize()}\n", _picture(above, views)]
    readers = {name: reads for name, reads in above.items() if name.startswith("exposure.")}
    parts.append("\n## Who reads what\n\n| reader | views |\n|---|---|")
    parts += [
        f"| {name.partition('.')[2].replace('_', ' ')} | {', '.join(f'`{each}`' for each in sorted(reads))} |"
        for name, reads in sorted(readers.items())
    ]
    return "\n".join(parts) + "\n"


def emit_build(warehouse: Warehouse, holder: str, url: str, manifest: Path = MANIFEST) -> int:
    """Send an event to the lineage server at `url` for each model of the holder's newest build; gives how many.

    Raises what the client raises when the server does not take one.
    """
    from openlineage.client import OpenLineageClient

    with closing(warehouse.connect()) as connection:
        build = build_of(connection, holder)
        if build is None:
            return 0
        with connection, connection.cursor() as cursor:
            cursor.execute(statement("models_of_build"), {"build_id": build.build_id})
            runs = cursor.fetchall()
    client = OpenLineageClient(config={"transport": {"type": "http", "url": url, "timeout": TIMEOUT}})
    namespace = f"postgres://{warehouse.host}:{warehouse.port}"
    made = list(events(json.loads(manifest.read_text()), runs, namespace=namespace, database=warehouse.database))
    for event in made:
        client.emit(event)
    return len(made)


def events(manifest: Manifest, runs: Sequence[tuple], *, namespace: str, database: str) -> Iterator[Any]:
    """An OpenLineage event for each model that ran: what it read, what it wrote, how many rows, and how it ended.

    Args:
        runs: of each model its name, status, end, and the rows that were written.
    """
    from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
    from openlineage.client.facet_v2 import output_statistics_output_dataset as statistics

    above = parents(manifest)
    by_model = {name.partition(".")[2]: name for name in above if not name.startswith(("exposure.", "raw."))}
    for model, status, ended_at, rows in runs:
        name = by_model.get(model)
        if name is None or name.partition(".")[0] in LEFT_OUT:
            continue
        wrote = {"outputStatistics": statistics.OutputStatisticsOutputDatasetFacet(rowCount=max(rows or 0, 0))}
        yield RunEvent(
            eventType=RunState.COMPLETE if status == "success" else RunState.FAIL,
            eventTime=ended_at.astimezone(UTC).isoformat(),
            run=Run(runId=str(uuid.uuid5(uuid.NAMESPACE_URL, f"{database}/{model}/{ended_at.isoformat()}"))),
            job=Job(namespace="engagement", name=name),
            producer=PRODUCER,
            inputs=[InputDataset(namespace, f"{database}.{read}") for read in sorted(above[name])],
            outputs=[OutputDataset(namespace, f"{database}.{name}", outputFacets=wrote)],
        )


def _names(manifest: Manifest) -> dict[str, str]:
    found = {}
    for node, about in {**manifest["sources"], **manifest["nodes"]}.items():
        if about["resource_type"] in ("source", "model") and about["schema"] not in LEFT_OUT:
            found[node] = f"{about['schema']}.{about['name']}"
    return {**found, **{node: f"exposure.{about['name']}" for node, about in manifest["exposures"].items()}}


def _subjects(manifest: Manifest) -> dict[str, list[str]]:
    """The views of `reporting` by the folder in which they stand."""
    found: dict[str, list[str]] = {}
    for about in manifest["nodes"].values():
        if about["resource_type"] == "model" and about["schema"] == "reporting":
            folder = Path(about["original_file_path"]).parent.name
            found.setdefault("common" if folder == "reporting" else folder, []).append(f"reporting.{about['name']}")
    return {subject: sorted(views) for subject, views in sorted(found.items())}


def _layers(above: Mapping[str, set[str]]) -> str:
    edges: dict[tuple[str, str], int] = {}
    for name, reads in above.items():
        for read in reads:
            edge = (read.partition(".")[0], name.partition(".")[0])
            if edge[0] != edge[1]:
                edges[edge] = edges.get(edge, 0) + 1
    counts = {layer: sum(name.startswith(f"{layer}.") for name in above) for layer in LAYERS}
    lines = [f"  {layer}[{layer}: {count}]" for layer, count in counts.items() if count]
    lines += [f"  {start} -- {count} --> {end}" for (start, end), count in sorted(edges.items()) if end != "exposure"]
    return _mermaid(lines)


def _picture(above: Mapping[str, set[str]], views: Sequence[str]) -> str:
    wanted, new = set(views), set(views)
    while new:
        new = set().union(*(above[name] for name in new)) - wanted
        wanted |= new
    lines = []
    for layer in LAYERS:
        members = sorted(name for name in wanted if name.startswith(f"{layer}."))
        if members:
            lines += [
                f"  subgraph {layer}",
                *(f"    {_id(name)}[{name.partition('.')[2]}]" for name in members),
                "  end",
            ]
    lines += [f"  {_id(read)} --> {_id(name)}" for name in sorted(wanted) for read in sorted(above[name] & wanted)]
    return _mermaid(lines)


def _id(name: str) -> str:
    return name.replace(".", "__")


def _mermaid(lines: Sequence[str]) -> str:
    return "\n".join(["```mermaid", "flowchart LR", *lines, "```"])
