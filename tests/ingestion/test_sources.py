"""The sources there are, and one that is added as docs/sources.md says."""

import datetime
import json
import re
import shutil
from pathlib import Path

import pytest
import yaml
from upath import UPath

from data_generator.service import generate
from ingestion import targets
from ingestion.contract_origins import ORIGIN_KEYS
from ingestion.contract_yaml import CONTRACT_KEYS, FILE_KEYS, RULE_KEYS, load_contract, load_contracts
from ingestion.transforms import PLAIN, USER_AGENT, WITH_ARGUMENT
from tests.ingestion.helpers import DAY, Landing, files_of

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sources.md"
FIRST = datetime.date(2026, 3, 1)


def test_the_podcast_sample(landing: Landing, podcast_sample: Path):
    folder = landing.path / "podcast" / str(DAY)
    folder.mkdir(parents=True)
    for name in ("event_logs.json", "users.csv", "episodes.csv"):
        shutil.copy(podcast_sample / name, folder)
    assert files_of(landing.load_and_publish()) == [
        ("episodes.csv", 50, 50, 0, 0),
        ("event_logs.json", 5000, 4845, 0, 155),
        ("users.csv", 100, 100, 0, 0),
    ]
    assert landing.query("select error_code, count(*) from ops.quarantine group by 1 order by 1") == [
        ("missing_value", 146),
        ("unparsable_timestamp", 9),
    ]
    assert landing.query("select event_type, count(*) from raw.user_events group by 1 order by 1") == [
        ("content_complete", 1210),
        ("content_pause", 1203),
        ("content_seek", 1188),
        ("content_start", 1244),
    ]
    assert landing.query("select user_id, country, op from raw.user_changes where line_no = 12") == [
        ("podcast:user_11", "GB", "upsert")
    ]
    content = landing.query(
        "select content_id, content_type, series_id, title from raw.content_changes where line_no = 2"
    )
    assert content == [("podcast:ep_1", "podcast_episode", "podcast_10", "Episode 1")]


def test_the_synthetic_company_loads_as_its_manifest_says(landing: Landing):
    last = FIRST + datetime.timedelta(days=4)
    generate(UPath(landing.path), FIRST, last, seed=7, scale=4, start=FIRST, workers=1)
    codes = set()
    for number in range(5):
        day = FIRST + datetime.timedelta(days=number)
        loaded = landing.load_and_publish(day)
        manifest = json.loads((landing.path / "app" / str(day) / "_MANIFEST.json").read_text())
        expected = {file["path"]: file for file in manifest["files"]}
        assert len(loaded.files) == len(expected)
        for file in loaded.files:
            wanted = expected[file.name.rpartition("/")[2]]
            assert (file.lines_read, file.loaded, file.duplicates) == (
                wanted["lines"],
                wanted["expected_loaded"],
                wanted["expected_duplicates_same_day"],
            ), file.name
            held_back = landing.query(
                "select error_code, count(*) from ops.quarantine where load_id = %s and path = %s group by 1",
                loaded.load_id,
                file.name,
            )
            assert dict(held_back) == wanted["quarantined"], file.name
            codes |= set(wanted["quarantined"])
    assert len(codes) >= 8  # otherwise the company is too tidy to prove anything


@pytest.fixture
def shop(landing: Landing) -> tuple[Path, Path]:
    """The example of docs/sources.md: its contract and its file."""
    text = DOCUMENT.read_text()
    sources = landing.path.parent / "sources"
    sources.mkdir(parents=True)
    contract = sources / "shop.yml"
    contract.write_text(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    orders = landing.put("orders-09.csv", re.search(r"```csv\n(.*?)```", text, re.DOTALL)[1].encode(), source="shop")
    return contract, orders


def test_a_source_added_as_documented(landing: Landing, shop: tuple[Path, Path]):
    contract, _ = shop
    loaded = landing.load_and_publish(contracts=[load_contract(contract)])
    assert files_of(loaded) == [("orders-09.csv", 3, 2, 0, 1)]
    assert landing.codes() == [(3, "invalid_value")]
    assert landing.query(
        "select event_id, event_type, event_ts::text, actor_id, product_id, amount::text, currency, platform,"
        " properties from raw.user_events order by event_id"
    ) == [
        ("1001", "purchase", "2026-03-02 07:12:33+00", "shop:C-7", "shop:A-1", "19.90", "EUR", "shop", {"till": "3"}),
        ("1003", "refund", "2026-03-02 07:14:15+00", "shop:C-7", "shop:A-1", "-19.90", "EUR", "shop", {"till": "3"}),
    ]


def test_every_key_and_every_source_is_documented():
    text = DOCUMENT.read_text()
    for key in {*CONTRACT_KEYS, *FILE_KEYS, *RULE_KEYS}:
        assert f"`{key}`" in text, key
    for contract in load_contracts():
        assert f"| `{contract.source}` | {contract.cadence} |" in text


def test_every_origin_and_transform_is_documented(tmp_path: Path, shop: tuple[Path, Path]):
    text = DOCUMENT.read_text().partition("## Where a column comes from")[2]
    for word in {*ORIGIN_KEYS, *PLAIN, *WITH_ARGUMENT, *USER_AGENT}:
        assert re.search(rf"`{{?{word}\b", text), word
    columns = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])["columns"]
    document = yaml.safe_load(shop[0].read_text())
    document["files"]["orders"] |= {"format": "ndjson", "columns": {**columns, "event_ts": "when"}, "rules": []}
    del document["files"]["orders"]["delimiter"]
    path = tmp_path / "documented.yml"
    path.write_text(yaml.safe_dump(document))
    assert {*columns} <= {*load_contract(path).files[0].columns}


def test_every_error_code_is_documented():
    package = Path(targets.__file__).parent
    code = "".join(module.read_text() for module in package.glob("*.py"))
    codes = set(re.findall(r"Rejected\(\s*(?:\"\w+\"|stage), \"(\w+)\"", code))
    assert len(codes) > 12
    assert [one for one in sorted(codes) if f"`{one}`" not in DOCUMENT.read_text()] == []
