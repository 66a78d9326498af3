"""A kind of file that is derived from the lines of another: its rows, its account, and what is held back of it."""

import itertools
import random
from pathlib import Path

import pytest
import yaml
from upath import UPath

from ingestion.checking import check, report
from ingestion.contract_yaml import load_contract
from ingestion.contracts import Contract
from ingestion.errors import ContractError, LoadError
from tests.ingestion.helpers import DAY, Landing, ndjson

DOCUMENT = {
    "description": "A shop.",
    "namespace": "shop",
    "cadence": "irregular",
    "earliest": DAY.replace(year=2015),
    "files": {
        "calls": {
            "patterns": ["calls-*"],
            "format": "ndjson",
            "target": "user_events",
            "columns": {"event_type": "what", "event_ts": "at", "user_id": "who"},
            "event_types": {"play": "content_start"},
            "skip": [{"field": "what", "is": "identify"}],
        },
        "people": {
            "from": "calls",
            "target": "user_changes",
            "columns": {"user_id": "who", "changed_at": "at", "plan": "traits.plan", "country": "traits.land"},
            "constants": {"op": "upsert"},
            "required": ["plan"],
            "skip": [{"field": "traits", "empty": True}],
        },
    },
}


def written(folder: Path, **people) -> Contract:
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    document["files"]["people"] |= people
    path = folder / "shop.yml"
    path.write_text(yaml.safe_dump(document))
    return load_contract(path)


def call(minute: int, who: str | None, what: str = "play", **traits) -> dict:
    made = {"what": what, "at": f"2026-03-02T07:{minute:02}:00Z", "who": who, "traits": traits}
    return {key: value for key, value in made.items() if value}


def people(landing: Landing) -> list[tuple[str, int, str]]:
    """User, minute of the change, plan."""
    return landing.query(
        "select user_id, extract(minute from changed_at)::int, plan from raw.user_changes order by 1, 2"
    )


def account(landing: Landing) -> list[tuple[int, ...]]:
    return landing.query(
        "select lines_read, loaded, duplicates, unchanged, quarantined, skipped"
        " from ops.derived_load order by load_id, path"
    )


def test_one_line_is_an_event_and_a_change(landing: Landing, tmp_path: Path):
    lines = [
        call(0, "a", plan="free", land="DE"),
        call(1, "a"),
        call(2, "b", what="identify", plan="annual"),
        b"{",
        call(3, None, plan="free"),  # no event and no change: nobody's
        call(4, "c", land="FR"),  # an event, but a change without a plan
        call(5, "a", plan="annual"),
        call(5, "a", plan="monthly"),  # the same moment: the first counts
    ]
    landing.put("calls-1", ndjson(*lines), source="shop")
    loaded = landing.load_and_publish(contracts=[written(tmp_path)])
    assert str(loaded) == f"{DAY}: 8 lines read = 5 loaded + 0 duplicates + 2 quarantined + 1 skipped"
    assert people(landing) == [("shop:a", 0, "free"), ("shop:a", 5, "annual"), ("shop:b", 2, "annual")]
    assert landing.query("select user_id, properties from raw.user_changes where country = 'DE'") == [("shop:a", None)]
    assert account(landing) == [(7, 3, 1, 0, 2, 1)]  # all lines but the one that could not be read
    found = landing.query("select line_no, derived_kind, error_code from ops.quarantine order by line_no, derived_kind")
    assert found == [
        (4, "", "malformed_json"),
        (5, "", "missing_value"),
        (5, "people", "missing_value"),
        (6, "people", "missing_value"),
    ]
    held_back = landing.query("select derived_kind, sum(lines)::int from ops.quarantine_volume group by 1 order by 1")
    assert held_back == [("", 2), ("people", 2)]
    # The event keeps all that its own columns do not take, whatever else is made of the line.
    kept = landing.query("select properties from raw.user_events where user_id = 'shop:c'")
    assert kept == [({"traits": {"land": "FR"}},)]
    assert landing.load(contracts=[written(tmp_path)]).unchanged


def test_of_equal_states_the_first_and_the_last_are_kept(landing: Landing, tmp_path: Path):
    plans = ["free"] * 4 + ["annual"] + ["free"] * 2 + ["annual"] * 3
    lines = [call(minute, "a", plan=plan) for minute, plan in enumerate(plans)] + [call(30, "b", plan="free")]
    expected = [*(("shop:a", minute, plans[minute]) for minute in (0, 3, 4, 5, 6, 7, 9)), ("shop:b", 30, "free")]
    for shuffled in (lines, lines[::-1], random.Random(7).sample(lines, len(lines))):
        for name, some in (("calls-1", shuffled[:5]), ("calls-2", shuffled[5:])):
            landing.put(name, ndjson(*some), source="shop")
        landing.load_and_publish(contracts=[written(tmp_path)])
        assert people(landing) == expected
        counts = [sum(column) for column in zip(*account(landing)[-2:], strict=True)]
        assert counts == [11, 8, 0, 3, 0, 0]


def test_days_in_any_order_give_the_same_changes(landing: Landing, tmp_path: Path):
    contracts = [written(tmp_path)]
    days = [DAY, DAY.replace(day=3), DAY.replace(day=4)]
    generator = random.Random(3)
    for day in days:
        plans = [generator.choice(["free", "annual"]) for _ in range(12)]
        lines = [call(generator.randrange(60), generator.choice("ab"), plan=plan) for plan in plans]
        landing.put("calls-1", ndjson(*lines), source="shop", day=day)
    rows = "select load_date, line_no, user_id, changed_at, plan from raw.user_changes order by 1, 2"
    seen = []
    for order in itertools.permutations(days):
        for day in (*order, order[0]):
            landing.load_and_publish(day, contracts=contracts, force=True)
        seen.append(landing.query(rows))
    assert len(seen[0]) > 10 and all(each == seen[0] for each in seen)


def test_other_rows_of_the_table_are_no_part_of_a_run(landing: Landing, tmp_path: Path):
    """A feed of changes of the same source stays as it is, also where it says the same thing three times."""
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    feed = {**document["files"]["people"], "patterns": ["feed-*"], "format": "ndjson"}
    document["files"]["feed"] = {key: value for key, value in feed.items() if key != "from"}
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(document))
    landing.put("feed-1", ndjson(*[call(minute, "a", plan="free") for minute in range(10, 15)]), source="shop")
    landing.put("calls-1", ndjson(*[call(minute, "a", plan="free") for minute in range(5)]), source="shop")
    landing.load_and_publish(contracts=[load_contract(path)])
    assert [minute for _, minute, _ in people(landing)] == [0, 4, 10, 11, 12, 13, 14]


def test_a_day_that_lands_again_replaces_its_changes(landing: Landing, tmp_path: Path):
    for plan in ("free", "annual"):
        landing.put("calls-1", ndjson(call(0, "a", plan=plan)), source="shop")
        landing.load_and_publish(contracts=[written(tmp_path)])
        assert people(landing) == [("shop:a", 0, plan)]
    landing.put("calls-1", ndjson(call(0, "a")), source="shop")
    landing.load_and_publish(contracts=[written(tmp_path)])
    assert people(landing) == []


def test_a_derived_kind_whose_name_is_wrong_stops_the_load(landing: Landing, tmp_path: Path):
    contracts = [written(tmp_path, columns={"user_id": "who", "changed_at": "at", "plan": "traits.paln"})]
    landing.put("calls-1", ndjson(*[call(minute, "a", plan="free") for minute in range(12)]), source="shop")
    with pytest.raises(LoadError, match=r"no record has traits.paln .*files.people of"):
        landing.load(contracts=contracts)


def test_a_csv_is_derived_from_as_it_is_written(landing: Landing, tmp_path: Path):
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    document["files"]["calls"] |= {"format": "csv", "delimiter": ";", "timestamps": "unix_seconds"}
    document["files"]["people"] |= {"columns": {"user_id": "who", "changed_at": "at", "plan": "plan"}, "skip": []}
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(document))
    landing.put("calls-1", b"what;at;who;plan\nplay;1772435553;a;free\n", source="shop")
    landing.load_and_publish(contracts=[load_contract(path)])
    assert people(landing) == [("shop:a", 12, "free")]
    landing.put("calls-1", b"what;at;who\nplay;1772435553;a\n", source="shop")
    landing.load_and_publish(contracts=[load_contract(path)])
    assert landing.codes() == [(1, "missing_column"), (2, "missing_column")]


def test_source_check_shows_both(tmp_path: Path):
    path = tmp_path / "calls-1"
    path.write_bytes(ndjson(call(0, "a", plan="free"), call(1, "a"), call(2, "b", land="DE")))
    told = report(check(UPath(path), DAY, written(tmp_path)), "shop")
    assert "shop.people -> raw.user_changes, from the same lines\n3 lines = 1 rows + 1 quarantined + 1 skipped" in told
    assert "Row 1 of people\n  user_id           shop:a" in told
    assert "Held back: 1 people: missing_value (map), line 3" in told
    assert "3 lines read = 3 loaded + 0 duplicates + 0 quarantined + 0 skipped" in told


@pytest.mark.parametrize(
    ("people", "complaint"),
    [
        ({"from": "cals"}, "from is 'cals'"),
        ({"from": "people"}, "from is 'people'"),
        ({"patterns": ["x"]}, "patterns given with from"),
        ({"format": "csv"}, "format given with from"),
        ({"extract": "full"}, "extract given with from"),
        ({"ignore": ["x"]}, "ignore given with from"),
        ({"target": "user_events"}, "derive change records"),
        ({"columns": {"user_id": "who"}}, "nothing fills changed_at"),
    ],
)
def test_a_wrong_derived_kind_names_its_place(tmp_path: Path, people: dict, complaint: str):
    with pytest.raises(ContractError) as caught:
        written(tmp_path, **people)
    assert complaint in str(caught.value) and "files.people" in str(caught.value)


def test_two_kinds_cannot_fill_one_table_from_the_same_lines(tmp_path: Path):
    document = yaml.safe_load(yaml.safe_dump(DOCUMENT))
    document["files"]["others"] = document["files"]["people"]
    path = tmp_path / "shop.yml"
    path.write_text(yaml.safe_dump(document))
    with pytest.raises(ContractError, match="user_changes is filled from files.calls already"):
        load_contract(path)
