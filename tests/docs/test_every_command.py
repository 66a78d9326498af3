"""Every command of README.md, docs/ and dbt/README.md is run by a test, or is named here with the reason why not.

The blocks of some documents are run as a whole by a test of their own. What asks the warehouse by psql is run here. For
a verb of `make` that needs a stack, a test file is named that calls it.
"""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion.warehouse import Warehouse
from local.postgres import binaries
from tests.checkout import ROOT
from tests.docs import test_docs

DOCUMENTS = [*test_docs.DOCUMENTS, ROOT / "dbt" / "README.md"]
BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
HEREDOC = re.compile(r"(.*<<'(\w+)'\n).*?^\2\n", re.MULTILINE | re.DOTALL)
PROGRAMS = re.compile(r"(make|docker|pip|python|cp|echo|git|pg_\w+) ")
ASKS = re.compile(r'echo "[^"]+" \| make -s psql')

# Documents whose blocks are all run, and by which test.
WHOLE = {"sources.md": "tests/docs/test_commands.py", "walkthrough.md": "tests/docs/test_walkthrough.py"}
# What a test calls, and how that stands in it.
CALLED = {
    r"make( PYTHON=\S+)? up": ("tests/local/test_stack.py", 'make("up")'),
    r"make (stop|status|psql|demo|clean|report)": ("tests/local/test_stack.py", 'make("{0}"'),
    r"make (backfill|timelapse|alert-test|backup|restore|airflow)\b.*": ("tests/local/test_stack.py", 'make("{0}"'),
    r"make (source-new|source-check|land)\b.*": ("docs/walkthrough.md", "make {0} "),
    r"make (quarantine|replay)\b.*": ("docs/walkthrough.md", "make {0} "),
    r"make landing-scan": ("docs/sources.md", "make landing-scan "),
    r"make rebuild": ("tests/local/test_kills.py", 'make("rebuild")'),
    r"python -m pipeline (load)\b.*": ("tests/pipeline/test_cli.py", 'run("{0}", "--from"'),
    r"(pg_basebackup) .*": ("tests/local/test_base_backup.py", "{0}"),
}
# What no test runs, and why.
NOT_RUN = {
    r"docker compose .*": "needs Docker; tests/compose/ holds docker-compose.yml against the local stack",
    r"cp \.env\.example \.env": "the settings of production; tests/docs/test_docs.py holds the file against the code",
    r"pip install .*": "brings a package into the environment that all tests share, for a store that is not here",
    r"git pull": "is git's",
    r"make (test|proof|bench|lint|docs|lock|help)\b.*": "is what tests and generated files are made by, or a list",
    r"dbt build .*": "tests/dbt/runner.py builds so, by dbt's own function and with these folders",
    r"python -m pipeline deploy": "`make up` calls it",
    r"python -m alerts guard": "watches until it is ended; tests/alerts/ has what it says, and when",
    r"python -m ingestion (contract-reference|vocabulary.*)": "`make docs` calls it; a test holds what it writes equal",
}  # fmt: skip


def commands(text: str) -> Iterator[str]:
    """Those of the blocks line by line, without comments, and those that stand in a sentence or a table."""
    for block in BLOCK.findall(text):
        for line in HEREDOC.sub(r"\1", block).splitlines():
            if command := re.sub(r"(^|\s+)#\s.*", "", line).strip():
                yield command
    for span in re.findall(r"`([^`]+)`", FENCED.sub("", text)):
        span = " ".join(span.replace("\\|", "|").split())
        if PROGRAMS.match(span):
            yield span


def unknown(name: str, text: str) -> list[str]:
    """The commands of a document that no test runs and that have no reason."""
    known = [*CALLED, *NOT_RUN]
    in_blocks = "\n".join(BLOCK.findall(text)) if name in WHOLE else ""
    return [
        command
        for command in commands(text)
        if command not in in_blocks
        and not ASKS.fullmatch(command)
        and not any(re.fullmatch(pattern, command) for pattern in known)
    ]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_command_is_run_or_has_a_reason(document: Path):
    assert unknown(document.name, document.read_text()) == []


def test_a_command_that_is_neither_is_noticed():
    text = "Say `make coffee`, or\n\n```sh\nmake up    # first\nmake tea <<'END'\nmake nothing\nEND\n```\n"
    assert unknown("new.md", text) == ["make tea <<'END'", "make coffee"]


def test_no_entry_is_left_over():
    written = [command for document in DOCUMENTS for command in commands(document.read_text())]
    for pattern in [*CALLED, *NOT_RUN]:
        assert any(re.fullmatch(pattern, command) for command in written), f"no document says {pattern} any more"


@pytest.mark.parametrize("pattern", CALLED)
def test_what_a_test_is_said_to_call_stands_in_it(pattern: str):
    name, call = CALLED[pattern]
    text = (ROOT / name).read_text()
    for document in DOCUMENTS:
        for command in commands(document.read_text()):
            if found := re.fullmatch(pattern, command):
                assert call.format(*found.groups()) in text, f"{document.name} says {command}"


@pytest.mark.parametrize("name", WHOLE)
def test_documents_that_are_run_as_a_whole_have_a_test_that_reads_them(name: str):
    assert f'"{name}"' in (ROOT / WHOLE[name]).read_text()


QUESTIONS = [
    pytest.param(command, id=f"{document.stem}-{number}")
    for document in DOCUMENTS
    for number, command in enumerate(filter(ASKS.fullmatch, commands(document.read_text())))
]


@pytest.mark.parametrize("command", QUESTIONS)
def test_what_asks_the_warehouse_has_an_answer(command: str, warehouse: Warehouse):
    assert asked(command, warehouse).returncode == 0


def test_a_question_that_has_no_answer_is_noticed(warehouse: Warehouse):
    assert asked('echo "select nonsense" | make -s psql', warehouse).returncode != 0


def asked(command: str, warehouse: Warehouse) -> subprocess.CompletedProcess:
    """What a command says where `make psql` is that of the embedded server, on the tests' warehouse."""
    psql = f'make() {{ "{binaries() / "psql"}" --no-psqlrc --quiet --set=ON_ERROR_STOP=1; }}\n'
    environment = {
        "PATH": "/usr/bin:/bin",
        "PGHOST": warehouse.host,
        "PGPORT": str(warehouse.port),
        "PGDATABASE": warehouse.database,
        "PGUSER": "owner",
        "PGPASSWORD": warehouse.passwords["owner"],
    }
    return subprocess.run(["bash", "-c", psql + command], env=environment, capture_output=True, text=True)
