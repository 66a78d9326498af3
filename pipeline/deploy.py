"""What is done with the dbt project before each start, on a warehouse whose DDL stands; safe to repeat."""

import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from ingestion.service import pending_rebuilds
from ingestion.warehouse import Warehouse

PROJECT = Path(__file__).resolve().parent.parent / "dbt"


class DeployError(RuntimeError):
    """dbt refused the project; the message holds what dbt says, and the remedy."""


def deploy(warehouse: Warehouse, project: Path = PROJECT) -> dict[str, str]:
    """Make dbt's manifest, tell the warehouse the definitions of now, and make the views that can be made.

    Returns why the next build computes which tables anew, by name. A view upon such a table is made by that build, too.
    dbt's profile reads the address of the warehouse from the environment. Raises `DeployError`.
    """
    # Profile and target are given as Cosmos gives them: otherwise dbt would parse once more for Cosmos.
    places = ["--project-dir", str(project), "--profiles-dir", str(project)]
    places += ["--profile", "engagement", "--target", "warehouse"]
    manifest = _dbt(["parse", *places], None)
    quietly = [*places, "--no-write-json", "--quiet"]
    _dbt(["run-operation", "record_definitions", *quietly], manifest)
    pending = _pending(warehouse)
    views = {node.name for node in manifest.nodes.values() if node.config.materialized == "view"}
    if views & pending.keys():
        # `@`: what stands upon a table, and all that this is made of. With a view that it makes anew, dbt drops those
        # upon it, and the ones that wait for a table are to be read until then.
        tables = [f"@{name}" for name in sorted(pending.keys() - views)]
        without = ["--exclude", *tables] if tables else []
        _dbt(["run", "--select", "config.materialized:view", *without, *quietly], manifest)
        pending = _pending(warehouse)
    return pending


def parse(project: Path = PROJECT) -> dict[str, Any]:
    """dbt's manifest, which needs no warehouse. Raises `DeployError`."""
    nobody = {f"WAREHOUSE_{name}": "1" for name in ("HOST", "PORT", "DB", "TRANSFORMER_PASSWORD")}
    before = dict(os.environ)
    os.environ.update({**nobody, "DBT_SEND_ANONYMOUS_USAGE_STATS": "false", **before})
    try:
        with TemporaryDirectory() as folder:
            places = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", folder]
            _dbt(["parse", "--quiet", *places], None)
            return json.loads((Path(folder) / "manifest.json").read_text())
    finally:
        os.environ.clear()
        os.environ.update(before)


def write_docs(page: Path, project: Path = PROJECT) -> None:
    """Write dbt's documentation, with its lineage, as one HTML file. Raises `DeployError`."""
    with TemporaryDirectory() as folder:
        places = ["--project-dir", str(project), "--profiles-dir", str(project), "--target-path", folder]
        _dbt(["docs", "generate", "--static", *places], None)
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(folder) / "static_index.html", page)


def _dbt(command: list[str], manifest: Manifest | None) -> Manifest:
    done = dbtRunner(manifest=manifest).invoke(command)
    if not done.success:
        failed = [f"{each.node.name}: {each.message}" for each in done.result or [] if each.status != "success"]
        reason = done.exception or "; ".join(failed) if command[0] != "parse" else done.exception
        raise DeployError(f"dbt {command[0]} failed: {reason}\nRemedy: mend the project in dbt/, then start again.")
    return done.result if manifest is None else manifest


def _pending(warehouse: Warehouse) -> dict[str, str]:
    with closing(warehouse.connect()) as connection:
        return pending_rebuilds(connection)
