"""The walk of docs/walkthrough.md: its commands run as they stand there, and print what it shows."""

import json
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingestion import service
from ingestion.warehouse import Warehouse
from local.postgres import binaries
from tests.checkout import ROOT, copy_to
from tests.dbt.runner import Dbt

DOCUMENT = ROOT / "docs" / "walkthrough.md"
EXPORT = ROOT / "docs" / "walkthrough" / "library.ndjson"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
MODELS = ("+engagement_daily", "+content_ranking")  # what the page asks
# Installing is another test's. A run of the DAG is replaced by what its tasks call, and by a build of dbt after that.
# psql is that of the embedded server, on the tests' warehouse.
SHELL = """
set -eu
make() {
    case "$1" in
        backfill) .venv/bin/python -m local pipeline load --from "${2#START=}" --to "${3#END=}" >&2 ;;
        psql) PGUSER=${2#ROLE=} "$PSQL" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 ;;
        *) command make -s -o install "$@" ;;
    esac
}
"""


class Walk:
    """A copy of the project in which the commands run."""

    def __init__(self, folder: Path, warehouse: Warehouse, dbt: Dbt) -> None:
        self.folder, self.warehouse, self.dbt = copy_to(folder), warehouse, dbt
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "MAKEFLAGS"},
            **warehouse.environment(),
            "LANDING_URI": str(self.folder / ".local" / "landing"),
            "PSQL": str(binaries() / "psql"),
            "PGHOST": warehouse.host,
            "PGPORT": str(warehouse.port),
            "PGDATABASE": warehouse.database,
            "PGPASSWORD": warehouse.passwords["reader"],
            "COLUMNS": "120",
        }

    def run(self, script: str) -> str:
        """What a block of commands prints."""
        printed = ""
        for part in re.split(r"(?<=\n)(?=make )", script):
            done = subprocess.run(
                ["bash", "-c", SHELL + part],
                cwd=self.folder,
                env=self.environment,
                capture_output=True,
                text=True,
            )
            print(f"{part}-> {done.returncode}\n{done.stdout}{done.stderr}")
            assert done.returncode == 0, done.stderr
            if "make backfill" in part:
                self.build()
            printed += done.stdout
        return printed.replace(str(self.folder), "…")

    def build(self) -> None:
        """Build what is published, as the DAG does."""
        with closing(self.warehouse.connect("loader")) as connection:
            unbuilt = sorted(service.build_state(connection).unbuilt)
            build = service.claim(connection, "walk", unbuilt)
            self.dbt.run("--select", *MODELS)
            service.finish(connection, build)


def walked(walk: Walk, compare: Callable[[str, str], None]) -> None:
    """Do what the page says from its first line to its last; `compare` gets what it shows and what was printed."""
    contract, printed = walk.folder / "contracts" / "library.yml", ""
    for language, text in BLOCK.findall(DOCUMENT.read_text()):
        match language:
            case "sh":
                printed = walk.run(text)
            case "text":
                compare(text, printed)
            case "yaml" if text.startswith("description"):
                contract.write_text(text)
            case "yaml":  # a line that takes the place of another
                name = text.split(":")[0]
                changed, number = re.subn(rf"^{name}:.*\n", text, contract.read_text(), flags=re.MULTILINE)
                assert number == 1
                contract.write_text(changed)
            case _:
                raise AssertionError(language)


@pytest.fixture
def walk(tmp_path: Path, warehouse: Warehouse) -> Walk:
    return Walk(tmp_path / "project", warehouse, Dbt(warehouse, tmp_path / "dbt"))


def without_ends(text: str) -> list[str]:
    """Lines without the blanks at their ends, which no document keeps."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_the_walk_goes_as_it_is_written(walk: Walk):
    shown = []

    def compare(written: str, printed: str) -> None:
        assert without_ends(printed) == without_ends(written)
        shown.append(written)

    walked(walk, compare)
    assert len(shown) == 9
    assert_numbers(shown[-2])


def assert_numbers(shown: str) -> None:
    """Hold what the page shows at last against a count of the lines of the file."""
    lines = {line: json.loads(line) for line in EXPORT.read_text().splitlines()}  # twins are one
    events = [event for event in lines.values() if event["event"] != "alive"]
    people = {date: {event["user_id"] for event in events if event["time"][:10] == date} for date in dates(events)}
    finished = Counter(event["time"][:10] for event in events if event["event"] == "finished")
    of_days = re.findall(r"^ (\S+) +\| +(\d+) \| +(\d+) \| +(\d+)$", shown, re.MULTILINE)
    assert of_days == [
        (date, str(len(people[date])), str(len(set().union(*[people[each] for each in people if each <= date]))),
         str(finished[date]))
        for date in dates(events)
    ]  # fmt: skip
    books = [event for event in events if event.get("item", {}).get("type") == "book"]
    of_books = re.findall(r"^ (\w+) +\| +(\d+) \| +(\d+) \| +(\d+) \| +([\d.]+)$", shown, re.MULTILINE)
    expected = []
    for title in sorted({event["item"]["title"] for event in books}):
        of_book = [event for event in books if event["item"]["title"] == title]
        kinds = Counter(event["event"] for event in of_book)
        readers = {event["user_id"] for event in of_book if event["event"] == "started"}
        seconds = sum(event["sec"] for event in of_book if event.get("sec", "n/a") != "n/a")
        expected.append(
            (title, str(len(readers)), str(kinds["started"]), str(kinds["finished"]), f"{seconds / 60:.2f}")
        )
    assert of_books == expected


def dates(events: list[dict]) -> list[str]:
    return sorted({event["time"][:10] for event in events})


def test_a_command_that_prints_something_else_is_noticed(walk: Walk):
    assert walk.run("head -n 1 docs/walkthrough/library.ndjson\n") == EXPORT.read_text().splitlines()[0] + "\n"
    with pytest.raises(AssertionError):
        walk.run("make source-check SOURCE=library FILE=missing.ndjson\n")
