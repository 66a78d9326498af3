"""Full extracts, as far as the loader goes: each row and each file knows of which extract it is."""

import datetime
from pathlib import Path

import pytest

from ingestion.contract_yaml import load_contract
from ingestion.errors import ContractError, LoadError
from ingestion.rules import rules_sha256
from tests.ingestion.helpers import DAY, Landing

CONTRACT = """
description: A forum's nightly tables.
namespace: forum
cadence: irregular
earliest: 2010-01-01
files:
  people:
    patterns: ["people*.csv"]
    format: csv
    target: user_changes
    extract: full
    columns: {user_id: id, country: country}
  moves:
    patterns: ["moves*.csv"]
    format: csv
    target: user_changes
    columns: {user_id: id, country: country, changed_at: at}
    constants: {op: upsert}
"""
MIDNIGHT = "2026-03-02 00:00:00+00"
ROWS = """
    select user_id, changed_at::text, op, extract_of, extracted_at::text
    from raw.user_changes
    order by file_no, line_no
"""


def contract(tmp_path: Path, text: str = CONTRACT):
    path = tmp_path / "forum.yml"
    path.write_text(text)
    return load_contract(path)


def load(landing: Landing, tmp_path: Path, text: str = CONTRACT, **files: str):
    for name, body in files.items():
        landing.put(f"{name}.csv", body.encode(), source="forum")
    return landing.load_and_publish(contracts=[contract(tmp_path, text)])


def test_rows_and_files_know_their_extract(landing: Landing, tmp_path: Path):
    load(landing, tmp_path, people="id,country\n1,DE\n2,FR\n", moves="id,country,at\n1,AT,2026-03-01\n")
    assert landing.query(ROWS) == [
        ("forum:1", "2026-03-01 00:00:00+00", "upsert", None, None),
        ("forum:1", MIDNIGHT, "upsert", "people", MIDNIGHT),
        ("forum:2", MIDNIGHT, "upsert", "people", MIDNIGHT),
    ]
    assert landing.query("select path, extract_of, extracted_at::text from ops.file_load order by file_no") == [
        (f"forum/{DAY}/moves.csv", None, None),
        (f"forum/{DAY}/people.csv", "people", MIDNIGHT),
    ]


def test_an_extract_without_rows_is_in_the_account(landing: Landing, tmp_path: Path):
    (file,) = load(landing, tmp_path, people="id,country\n").files
    assert (file.lines_read, file.extract_of) == (0, "people")
    assert file.extracted_at == datetime.datetime(2026, 3, 2, tzinfo=datetime.UTC)
    assert landing.query("select extract_of from ops.file_load") == [("people",)]


def test_a_day_that_lands_again_unchanged_tells_the_same_of_its_extracts(landing: Landing, tmp_path: Path):
    first = load(landing, tmp_path, people="id,country\n1,DE\n")
    again = load(landing, tmp_path, people="id,country\n1,DE\n")
    assert again.unchanged
    assert [file.extracted_at for file in again.files] == [file.extracted_at for file in first.files]


def test_a_file_of_no_byte_is_no_empty_table(landing: Landing, tmp_path: Path):
    with pytest.raises(LoadError, match=r"people\.csv is a full extract, and has no byte.*\nRemedy: land it again"):
        load(landing, tmp_path, people="")


def test_a_change_record_does_not_hide_a_row_of_an_extract(landing: Landing, tmp_path: Path):
    """The same user at the same time, in a feed and in an extract: one is no duplicate of the other."""
    loaded = load(landing, tmp_path, moves=f"id,country,at\n1,AT,{DAY}\n", people="id,country\n1,DE\n1,DE\n")
    assert [(file.loaded, file.duplicates) for file in loaded.files] == [(1, 0), (1, 1)]


def test_a_row_without_a_time_has_that_of_the_extract(landing: Landing, tmp_path: Path):
    text = CONTRACT.replace("{user_id: id, country: country}", "{user_id: id, changed_at: updated}")
    load(landing, tmp_path, text, people="id,updated\n1,2026-01-05\n2,\n")
    assert landing.query(ROWS) == [
        ("forum:1", "2026-01-05 00:00:00+00", "upsert", "people", MIDNIGHT),
        ("forum:2", MIDNIGHT, "upsert", "people", MIDNIGHT),
    ]


def test_the_name_of_a_kind_is_part_of_the_rules_of_an_extract(tmp_path: Path):
    people, moves = contract(tmp_path).files
    renamed_people, renamed_moves = contract(
        tmp_path, CONTRACT.replace("people:", "members:").replace("moves:", "steps:")
    ).files
    assert rules_sha256({"a": people}) != rules_sha256({"a": renamed_people})
    assert rules_sha256({"a": moves}) == rules_sha256({"a": renamed_moves})


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("extract: full", "extract: daily", "extract is 'daily'.\nRemedy: use one of full."),
        ("    extract: full\n", "", "nothing fills changed_at, op of user_changes"),
        (
            "target: user_changes\n    extract: full\n    columns: {user_id: id, country: country}",
            "target: user_events\n    extract: full\n    columns: {user_id: id, event_ts: at, event_type: kind}",
            "extract given.\nRemedy: remove it: user_events tells what happened",
        ),
    ],
    ids=["unknown word", "no extract", "events"],
)
def test_what_is_wrong_with_an_extract_is_named(tmp_path: Path, good: str, bad: str, message: str):
    with pytest.raises(ContractError) as caught:
        contract(tmp_path, CONTRACT.replace(good, bad, 1))
    assert message in str(caught.value)


def test_a_kind_that_is_derived_from_an_extract_is_one(landing: Landing, tmp_path: Path):
    text = CONTRACT.replace(
        "  moves:",
        """  authors:
    from: people
    target: creator_changes
    columns: {creator_id: id, country: country}
  moves:""",
    )
    (file,) = load(landing, tmp_path, text, people="id,country\n1,DE\n").files
    assert (file.derived[0].kind, file.derived[0].loaded) == ("authors", 1)
    assert landing.query("select creator_id, op, extract_of, extracted_at::text from raw.creator_changes") == [
        ("forum:1", "upsert", "authors", MIDNIGHT)
    ]
    with pytest.raises(ContractError, match="extract given with from"):
        contract(tmp_path, text.replace("from: people", "from: people\n    extract: full"))
