"""The vocabulary is read and checked as a whole, and the reference in docs/ is made of it."""

from pathlib import Path

import pytest
import yaml

from ingestion import __main__ as cli
from ingestion.vocabulary import EVENT_TYPES, PATH, read_vocabulary

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "vocabulary.md"


def test_the_reference_is_the_one_that_is_generated(capsys: pytest.CaptureFixture):
    assert cli.main(["vocabulary"]) == 0
    assert DOCUMENT.read_text() == capsys.readouterr().out, "python -m ingestion vocabulary > docs/vocabulary.md"


@pytest.mark.parametrize("word", ["learning", "community"])
def test_dbt_goes_by_the_vocabulary(word: str):
    variables = yaml.safe_load((ROOT / "dbt" / "dbt_project.yml").read_text())["vars"]
    assert variables[f"{word}_events"] == [name for name, each in EVENT_TYPES.items() if getattr(each, word)]


def test_what_a_server_sends_is_no_activity():
    passive = {name for name, each in EVENT_TYPES.items() if not each.activity}
    assert passive == {"subscription_renew", "subscription_expire", "refund"}


def test_learning_is_activity():
    assert all(each.activity for each in EVENT_TYPES.values() if each.learning)


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("needs: [amount, currency]}", "needs: [price]}", "event_types.purchase needs price, no column of user_events"),
        ("activity: false", "activity: no one", "Expected `bool`"),
        ("learning: true", "learnt: true", "unknown field `learnt`"),
        ("kind: number", "kind: money", "Invalid enum value 'money'"),
        ("moment: event_ts", "moment: at", "targets.user_events names at, none of its columns"),
        ("platforms:", "platforms: [", ""),
    ],
)
def test_a_wrong_vocabulary_is_refused(tmp_path: Path, before: str, after: str, complaint: str):
    text = PATH.read_text()
    assert before in text
    path = tmp_path / "vocabulary.yml"
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(ValueError) as caught:
        read_vocabulary(path)
    assert complaint in str(caught.value) and str(path) in str(caught.value)
    assert "\nRemedy: " in str(caught.value)
