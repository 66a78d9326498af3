"""The commands of docs/sources.md run as they stand there, in a copy of the project, one after the other."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from tests.checkout import ROOT, copy_to

DOCUMENT = ROOT / "docs" / "sources.md"
# Installing is another test's; a run of the DAG is replaced by what its tasks call.
SHELL = """
set -eu
make() {
    if [ "$1" = backfill ]; then
        .venv/bin/python -m local pipeline load --no-audit --from "${2#START=}" --to "${3#END=}"
    else
        command make -s -o install "$@"
    fi
}
"""


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)


@pytest.fixture
def shell(tmp_path: Path, warehouse: Warehouse):
    """Runs lines in a copy of the project where the example of the document lies: (exit code, output)."""
    folder = copy_to(tmp_path / "project")
    (folder / "ingestion" / "sources" / "shop.yml").write_text(blocks("yaml")[0])
    (folder / "orders-09.csv").write_text(blocks("csv")[0])
    environment = {**os.environ, **warehouse.environment(), "LANDING_URI": str(tmp_path / "landing")}

    def run(script: str) -> tuple[int, str]:
        done = subprocess.run(
            ["bash", "-c", SHELL + script],
            cwd=folder,
            env={name: value for name, value in environment.items() if name != "MAKEFLAGS"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(f"{script}-> {done.returncode}\n{done.stdout}")
        return done.returncode, done.stdout

    return run


def test_all_commands_do_what_the_document_says(shell):
    told = {}
    for script in sorted(blocks("sh"), key=lambda script: "quarantine" in script):  # what they tell of is loaded first
        code, told[script.split()[1]] = shell(script)
        assert code == 0
    assert "3 lines read = 2 loaded + 0 duplicates + 1 quarantined + 0 skipped" in told["source-check"]
    assert "amount is 0.0, not above zero" in told["source-check"]
    assert "shop: 1 invalid_value in 1 file, 2026-03-02" in told["quarantine"]
    assert "what landed is what is loaded" in told["landing-scan"]


def test_a_command_that_fails_is_noticed(shell):
    assert shell("make source-check SOURCE=shop FILE=missing.csv")[0] != 0
