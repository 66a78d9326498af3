"""Writing days: whole or not at all, once, and with clear errors."""

import gzip
import json
from datetime import timedelta

import pytest
from upath import UPath

from data_generator import generate, generate_day
from data_generator.rates import Lags, Rates
from tests.data_generator.conftest import START
from tests.data_generator.naive import read_day

COMPANY = {"seed": 1, "scale": 0.5, "start": START}
FILES = [
    "_MANIFEST.json",
    "content.csv",
    "creators.csv",
    "events-android.ndjson.gz",
    "events-ios.ndjson.gz",
    "events-web.ndjson.gz",
    "products.csv",
    "rates.csv",
    "users.csv",
]


def test_a_day_is_these_files_and_nothing_else(tmp_path):
    generate_day(UPath(tmp_path), START, **COMPANY)
    assert sorted(path.name for path in (tmp_path / "app" / START.isoformat()).iterdir()) == FILES
    assert [path.name for path in (tmp_path / "app").iterdir()] == [START.isoformat()]


def test_days_that_are_there_are_left_alone(tmp_path):
    last = START + timedelta(days=3)
    assert len(generate(UPath(tmp_path), START, last, **COMPANY, workers=1)) == 4
    assert generate(UPath(tmp_path), START, last, **COMPANY, workers=1) == []
    assert len(generate(UPath(tmp_path), START, last, **COMPANY, workers=1, force=True)) == 4


@pytest.mark.parametrize("other", [{"seed": 2}, {"scale": 0.6}, {"rates": Rates(wrong_case=0.5)}])
def test_days_of_another_company_are_written_again(tmp_path, other):
    generate_day(UPath(tmp_path), START, **COMPANY)
    assert generate(UPath(tmp_path), START, START, **{**COMPANY, **other}) == [START]


def test_a_half_written_day_is_completed(tmp_path):
    generate_day(UPath(tmp_path), START, **COMPANY)
    folder = tmp_path / "app" / START.isoformat()
    whole = {path.name: path.read_bytes() for path in folder.iterdir()}
    (folder / "_MANIFEST.json").unlink()
    (folder / "users.csv").unlink()
    (folder / "events-ios.ndjson.gz").write_bytes(b"torn")
    assert generate(UPath(tmp_path), START, START, **COMPANY) == [START]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == whole


def test_a_failing_write_leaves_no_day(tmp_path, monkeypatch):
    landing = UPath(tmp_path)
    write = type(landing).write_bytes

    def fill_up(path: UPath, body: bytes) -> int:
        if path.name == "users.csv":
            raise OSError(28, "No space left on device")
        return write(path, body)

    with monkeypatch.context() as patch:
        patch.setattr(type(landing), "write_bytes", fill_up)
        with pytest.raises(OSError, match="No space left"):
            generate_day(landing, START, **COMPANY)
    assert not list((tmp_path / "app").iterdir())
    generate_day(landing, START, **COMPANY)


def test_a_lost_file_comes_back(tmp_path):
    generate_day(UPath(tmp_path), START, **COMPANY)
    (tmp_path / "app" / START.isoformat() / "content.csv").unlink()
    assert generate(UPath(tmp_path), START, START, **COMPANY) == [START]
    assert sorted(path.name for path in (tmp_path / "app" / START.isoformat()).iterdir()) == FILES


def test_two_processes_at_once(tmp_path, monkeypatch):
    """The other one lands the day while this one is writing it."""
    landing = UPath(tmp_path)
    write = type(landing).write_bytes

    def overtaken(path: UPath, body: bytes) -> int:
        (tmp_path / "app" / START.isoformat()).mkdir(exist_ok=True)
        (tmp_path / "app" / START.isoformat() / "users.csv").write_text("")
        return write(path, body)

    with monkeypatch.context() as patch:
        patch.setattr(type(landing), "write_bytes", overtaken)
        generate_day(landing, START, **COMPANY)
    assert [path.name for path in (tmp_path / "app").iterdir()] == [START.isoformat()]
    assert sorted(path.name for path in (tmp_path / "app" / START.isoformat()).iterdir()) == FILES


def test_a_file_of_somebody_else_stays(tmp_path):
    generate_day(UPath(tmp_path), START, **COMPANY)
    (tmp_path / "app" / START.isoformat() / "events-tv.ndjson").write_text("")
    generate_day(UPath(tmp_path), START, **COMPANY)
    assert (tmp_path / "app" / START.isoformat() / "events-tv.ndjson").exists()


def test_other_places_than_the_local_disk(tmp_path):
    elsewhere = UPath("memory://landing")
    manifest = generate_day(elsewhere, START, **COMPANY)
    folder = elsewhere / "app" / START.isoformat()
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert json.loads((folder / "_MANIFEST.json").read_text()) == manifest
    assert generate(elsewhere, START, START, **COMPANY) == []


def test_an_empty_day_says_so(tmp_path):
    day = START + timedelta(days=5)  # a Saturday: no exchange rates
    manifest = generate_day(UPath(tmp_path), day, seed=1, scale=1e-6, start=START, rates=Rates(bot_visits=0))
    assert manifest["totals"]["lines"] == 0
    assert (tmp_path / "app" / day.isoformat() / "_EMPTY").exists()
    assert all(not read.lines for read in read_day(tmp_path / "app" / day.isoformat()).values() if read)


def test_a_day_before_the_start_is_an_error(tmp_path):
    early = START - timedelta(days=1)
    with pytest.raises(ValueError, match="set GENERATOR_START"):
        generate_day(UPath(tmp_path), early, **COMPANY)
    with pytest.raises(ValueError, match="set GENERATOR_START"):
        generate(UPath(tmp_path), early, START, **COMPANY)
    assert not list(tmp_path.iterdir())


def test_an_empty_range_and_a_scale_of_nothing_are_errors(tmp_path):
    with pytest.raises(ValueError, match="exchange --from and --to"):
        generate(UPath(tmp_path), START, START - timedelta(days=1), **COMPANY)
    with pytest.raises(ValueError, match="set GENERATOR_SCALE"):
        generate_day(UPath(tmp_path), START, seed=1, scale=0, start=START)


def test_mess_can_be_turned_off_and_up(tmp_path):
    none = Lags(share=0, first=1, last=30)
    clean = Rates(*[0] * 9, late=none, again=none, csv_column_count=0, csv_missing_value=0, bot_visits=0)
    messy = Rates(malformed_json=0.3, late=Lags(share=0.4, first=1, last=5), csv_column_count=0.4)
    day = START + timedelta(days=6)
    totals = generate_day(UPath(tmp_path / "clean"), day, **COMPANY, rates=clean)["totals"]
    assert (totals["quarantined"], totals["expected_duplicates_same_day"]) == ({}, 0)
    assert set(totals["mess"]) <= {"wrong_case"}
    totals = generate_day(UPath(tmp_path / "messy"), day, **COMPANY, rates=messy)["totals"]
    assert 0.1 < totals["quarantined"]["malformed_json"] / totals["lines"] < 0.4
    assert totals["mess"]["late"] / totals["lines"] > 0.1


def test_a_year_at_scale_one_is_small(landed):
    """Sixty days of a company of twice the size, as landed but uncompressed, times six, halved."""
    size = 0
    for day in landed.dates[-60:]:
        for path in (landed.folder / "app" / day.isoformat()).iterdir():
            body = path.read_bytes()
            size += len(gzip.decompress(body)) if path.suffix == ".gz" else len(body)
    assert size / 2 * 365 / 60 < 90e6
