"""A new format is a class and an entry in `FORMATS`: no other module has to know it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestion import contract_yaml
from ingestion.errors import ContractError, Rejected
from ingestion.formats import FORMATS
from ingestion.reading import LandedFile
from tests.ingestion.helpers import Landing, event, files_of


class JsonArray:
    """One JSON document that holds an array of records: its pieces are no lines, and no bytes."""

    def __init__(self, contract) -> None: ...

    def batches(self, landed: LandedFile) -> Iterator[tuple[list[int], list[object]]]:
        records = json.loads(b"\n".join(line for _, lines in landed.batches() for line in lines))
        yield list(range(1, len(records) + 1)), records

    def record(self, piece: object) -> tuple[dict, bool] | None:
        if piece is None:
            return None
        if not isinstance(piece, dict):
            raise Rejected("parse", "not_an_object", "the element is no object")
        return piece, False

    def raw(self, piece: object) -> bytes:
        return json.dumps(piece).encode()


def contract_in(folder: Path, form: str) -> Path:
    original = contract_yaml.SOURCES / "app.yml"
    folder.mkdir()
    path = folder / "app.yml"
    path.write_text(original.read_text().replace("format: ndjson", f"format: {form}"))
    return path


def test_a_format_that_was_added_is_loaded(landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(FORMATS, "json_array", JsonArray)
    contract = contract_yaml.load_contract(contract_in(tmp_path / "sources", "json_array"))
    content = json.dumps([event(1), None, "retry", event(2, platform="fridge"), event(3, app_version="a\tb")], indent=1)
    landing.put("events-ios.ndjson", content.encode())
    assert files_of(landing.load_and_publish(contracts=[contract])) == [("events-ios.ndjson", 4, 2, 0, 2)]
    assert landing.codes() == [(3, "not_an_object"), (4, "invalid_value")]
    assert landing.query("select line_no, app_version from raw.user_events order by 1") == [(1, "5.2"), (5, "a\tb")]
    assert landing.query("select convert_from(raw, 'UTF8') from ops.quarantine where line_no = 3") == [('"retry"',)]


def test_a_format_that_nobody_reads_is_refused(tmp_path: Path):
    with pytest.raises(ContractError, match="format is 'parquet'(.|\n)*use one of ndjson, csv"):
        contract_yaml.load_contract(contract_in(tmp_path / "sources", "parquet"))
