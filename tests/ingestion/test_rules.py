"""A day is loaded again when what decides what becomes of its lines has changed, and only then."""

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from ingestion import contract_yaml, rules
from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.rules import CODE, code_sha256, python_meaning, sql_meaning
from ingestion.vocabulary import EVENT_TYPES
from tests.ingestion.helpers import APP, PODCAST, Landing, event


def changed(tmp_path: Path, before: str, after: str):
    """The contract of `app` with a changed text."""
    text = (SOURCES / "app.yml").read_text()
    assert before in text
    path = tmp_path / "app.yml"
    path.write_text(text.replace(before, after))
    return load_contract(path)


@pytest.fixture
def loaded(landing: Landing) -> Landing:
    """A published day of events, one of them of a type that nobody knows."""
    landing.events(event(1), event(2, event="teleport"))
    landing.load_and_publish()
    assert landing.load().unchanged
    return landing


@pytest.fixture
def vocabulary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping], None]]:
    """Lets another vocabulary hold, as it does in a process that starts after a change of it."""

    def holds(event_types: Mapping) -> None:
        monkeypatch.setattr(contract_yaml, "EVENT_TYPES", event_types)
        contract_yaml.contract_of.cache_clear()

    yield holds
    contract_yaml.contract_of.cache_clear()


def test_a_new_event_type_loads_the_day_again(loaded: Landing, vocabulary: Callable):
    assert loaded.codes() == [(2, "unknown_event_type")]
    vocabulary({**EVENT_TYPES, "teleport": EVENT_TYPES["like"]})
    assert not loaded.load_and_publish().unchanged
    assert loaded.event_ids() == ["e1", "e2"]
    assert loaded.codes() == []


def test_a_type_that_is_no_activity_any_more_loads_the_day_again(loaded: Landing, vocabulary: Callable):
    seen = replace_type("content_complete", activity=False)
    vocabulary(seen)
    assert not loaded.load_and_publish().unchanged
    assert loaded.query("select is_activity from raw.user_events") == [(False,)]


def test_other_words_about_a_type_do_not(loaded: Landing, vocabulary: Callable):
    vocabulary(replace_type("content_complete", meaning="Said otherwise."))
    assert loaded.load().unchanged


def replace_type(name: str, **changes) -> dict:
    """The event types, one of them changed."""
    return {**EVENT_TYPES, name: msgspec.structs.replace(EVENT_TYPES[name], **changes)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("custom_events: [bookmark_add, ", "custom_events: [teleport, "),
        ("no_activity: [push_receive]", "no_activity: [push_receive, 'content_*']"),
        ("earliest: 2010-01-01", "earliest: 2011-01-01"),
        ("earliest: 2010-01-01", "earliest: 2010-01-01\nsessions: producer"),
        ("one_of: [web, ios, android]", "one_of: [web, ios, android, tv]"),
        ("lower: [event_type, event_name, platform,", "lower: [event_type, platform,"),
    ],
)
def test_a_changed_rule_loads_the_day_again(loaded: Landing, tmp_path: Path, before: str, after: str):
    assert not loaded.load(contracts=[changed(tmp_path, before, after)]).unchanged


def test_a_changed_column_of_the_target_loads_the_day_again(loaded: Landing):
    events = APP.files[0]
    wider = replace(events.target, columns={**events.target.columns, "amount": "integer"})
    assert not loaded.load(contracts=[replace(APP, files=(replace(events, target=wider), *APP.files[1:]))]).unchanged


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("earliest: 2010-01-01", "earliest: 2010-01-01  # the company is older"),
        ("one_of: [web, ios, android]", "one_of: ['web','ios',  'android']"),
        ("one_of: [web, ios, android]", "one_of: [android, ios, web]"),
        ("description: ", "description: As before. "),
    ],
)
def test_comments_and_layout_of_a_contract_do_not(loaded: Landing, tmp_path: Path, before: str, after: str):
    assert loaded.load(contracts=[changed(tmp_path, before, after)]).unchanged


def test_a_contract_of_files_that_did_not_land_does_not(loaded: Landing):
    users = replace(APP.files[1], lower=frozenset())
    others = replace(PODCAST, files=(replace(PODCAST.files[0], rules=()), *PODCAST.files[1:]))
    assert loaded.load(contracts=[replace(APP, files=(APP.files[0], users, *APP.files[2:])), others]).unchanged


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package, whose code is hashed in the place of ours."""
    copied = tmp_path / "ingestion"
    shutil.copytree(rules.PACKAGE, copied)
    monkeypatch.setattr(rules, "PACKAGE", copied)
    code_sha256.cache_clear()
    return copied


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("mapping.py", "if number != int(number):", "if number < int(number):"),
        ("mapping.py", "timedelta(days=2)", "timedelta(days=3)"),
        ("fast_events.py", '("currency",),', '("currency", "product_id"),'),
        ("formats.py", "line.count(quote) % 2 == 1", "line.count(quote) > 1"),
        ("reading.py", "LONGEST_LINE = 10 * 1024**2", "LONGEST_LINE = 1024**2"),
        ("targets.py", "LONGEST_ID = 400", "LONGEST_ID = 40"),
        ("sql/duplicates.sql", "order by file_no, line_no", "order by file_no desc, line_no"),
    ],
)
def test_changed_code_loads_the_day_again(loaded: Landing, code: Path, name: str, before: str, after: str):
    path = code / name
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    assert not loaded.load().unchanged


def test_comments_docstrings_and_layout_of_code_do_not(loaded: Landing, code: Path):
    for name in CODE:
        path = code / name
        text = path.read_text()
        if name.endswith(".sql"):
            path.write_text("-- " + text.replace("\n", "\n  -- said otherwise\n"))
        else:
            said = re.sub(r"^( *)return ", r"\1# Said otherwise.\n\1return ", text, flags=re.MULTILINE)
            said = said.replace('"""', '"""Said otherwise. ', 1)
            path.write_text(said.replace("\n\n\n", "\n\n\n\n"))
        assert path.read_text() != text
    assert loaded.load().unchanged


DOCUMENTED = '''"""Doc."""

class A:
    """Doc."""

    def one(self):  # why
        """Doc."""
        return f(1,
                 2)
'''


def test_what_python_means():
    assert python_meaning(DOCUMENTED) == python_meaning("class A:\n    def one(self): return f(1, 2)\n")
    assert python_meaning(DOCUMENTED) != python_meaning(DOCUMENTED.replace("1", "3"))
    assert python_meaning('x = "# no comment"') != python_meaning('x = "# another"')
    assert python_meaning('def f():\n    """Doc."""') == python_meaning("def f(): pass")


def test_what_sql_means():
    assert sql_meaning("-- why\nselect 1  -- one\n  , 2") == "select 1 , 2"


def test_every_module_that_handles_a_line_is_hashed():
    """A new module that such a one imports must be hashed, too, or be known here to decide nothing about a line."""
    harmless = {"contracts", "drift", "errors", "landing", "statements"}
    for name in CODE:
        if name.endswith(".py"):
            imported = {
                line.split()[1].removeprefix("ingestion.")
                for line in (rules.PACKAGE / name).read_text().splitlines()
                if line.startswith("from ingestion.")
            }
            assert {f"{module}.py" for module in imported - harmless} <= set(CODE), name
