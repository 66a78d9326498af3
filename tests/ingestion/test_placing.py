"""`python -m ingestion land`: whole or not at all, never over other content, a history to the days of its records."""

import datetime
import gzip
import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest
from upath import UPath

from ingestion import __main__ as cli
from ingestion import placing
from ingestion.errors import LoadError
from ingestion.landing import find_files, landed_days
from ingestion.placing import place
from tests.ingestion.helpers import APP, DAY, PODCAST, event, ndjson

OTHER = DAY - datetime.timedelta(days=1)


@pytest.fixture(params=["folder", "memory"])
def landing(request, tmp_path: Path):
    if request.param == "folder":
        return UPath(tmp_path / "landing")
    return UPath("memory://landing") / tmp_path.name


def test_a_file_is_placed_once(tmp_path: Path, landing: UPath):
    file = tmp_path / "users.csv"
    file.write_bytes(b"user_id\n1\n")
    placed = place(file, landing, PODCAST, DAY)
    assert [path.name for path in placed.paths] == ["users.csv"]
    folder = landing / "podcast" / "2026-03-02"
    assert [(each.name, each.read_bytes()) for each in folder.iterdir()] == [("users.csv", b"user_id\n1\n")]
    assert place(file, landing, PODCAST, DAY).paths == []
    file.write_bytes(b"user_id\n2\n")
    with pytest.raises(LoadError, match="has landed already, with other content; nothing was written"):
        place(file, landing, PODCAST, DAY)
    assert (folder / "users.csv").read_bytes() == b"user_id\n1\n"


def test_what_would_not_load_is_not_placed(tmp_path: Path, landing: UPath):
    with pytest.raises(LoadError, match="is not there"):
        place(tmp_path / "users.csv", landing, PODCAST, DAY)
    (tmp_path / "people.csv").write_text("user_id\n")
    with pytest.raises(LoadError, match="matches no pattern"):
        place(tmp_path / "people.csv", landing, PODCAST, DAY)
    folder = landing / "podcast" / str(DAY)
    folder.mkdir(parents=True)
    (folder / "_EMPTY").write_bytes(b"")
    (tmp_path / "users.csv").write_text("user_id\n")
    with pytest.raises(LoadError, match="_EMPTY says that 2026-03-02 has no data"):
        place(tmp_path / "users.csv", landing, PODCAST, DAY)
    assert [each.name for each in folder.iterdir()] == ["_EMPTY"]


def test_half_a_file_is_never_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def breaks(content, copy, size):
        copy.write(b"half")
        raise OSError("the disk is full")

    monkeypatch.setattr(placing.shutil, "copyfileobj", breaks)
    (tmp_path / "users.csv").write_text("user_id\n")
    with pytest.raises(OSError, match="full"):
        place(tmp_path / "users.csv", UPath(tmp_path / "landing"), PODCAST, DAY)
    assert all(each.name.startswith("_") for each in (tmp_path / "landing" / "podcast" / str(DAY)).iterdir())


def test_a_history_is_divided_by_a_time(tmp_path: Path, landing: UPath):
    file = tmp_path / "events-all.ndjson"
    first, second = event(1, ts="2026-03-01T23:59:59Z"), event(2, ts="2026-03-02T01:00:00+02:00")  # UTC: the 1st
    third, late = event(3), event(4, ts="2027-01-01T00:00:00Z")
    file.write_bytes(ndjson(third, first, b"", b"no JSON", second, event(5, ts=None), late))
    placed = place(file, landing, APP, DAY, by="ts")
    assert (placed.days, placed.undated) == ({OTHER: 2, DAY: 4}, 3)
    assert (landing / "app" / str(OTHER) / file.name).read_bytes() == ndjson(first, second)
    assert (landing / "app" / str(DAY) / file.name).read_bytes() == ndjson(third, b"no JSON", event(5, ts=None), late)
    assert place(file, landing, APP, DAY, by="ts").paths == []


def test_a_divided_csv_has_its_header_in_each_part(tmp_path: Path, landing: UPath):
    file = tmp_path / "users.csv.gz"
    lines = ["user_id,signup_date,country", '1,"2026-03-01",DE', "2,2026-03-02,", '"3\n3",2026-03-01,']
    file.write_bytes(gzip.compress("\r\n".join(lines).encode()))
    place(file, landing, PODCAST, DAY, by="signup_date")
    part = (landing / "podcast" / str(OTHER) / "users.csv").read_bytes()
    assert part == b'user_id,signup_date,country\n1,"2026-03-01",DE\n"3\n3",2026-03-01,\n'
    rest = (landing / "podcast" / str(DAY) / "users.csv").read_bytes()
    assert rest == b"user_id,signup_date,country\n2,2026-03-02,\n"


def test_a_field_without_any_time_is_no_way_to_divide(tmp_path: Path, landing: UPath):
    file = tmp_path / "events-all.ndjson"
    file.write_bytes(ndjson(event(1), event(2)))
    with pytest.raises(LoadError, match="no record has a time in when"):
        place(file, landing, APP, DAY, by="when")
    file = tmp_path / "users.csv"
    file.write_text("user_id,signup_date\n1,2026-03-01\n")
    with pytest.raises(LoadError, match="the header has no country"):
        place(file, landing, PODCAST, DAY, by="signup_date")


def test_the_command_says_what_comes_next(tmp_path: Path, capsys):
    file = tmp_path / "events-all.ndjson"
    file.write_bytes(ndjson(event(1), event(2, ts="2026-03-01T00:00:00Z"), event(3, ts=None)))
    arguments = ["land", "app", str(file), "--landing", str(tmp_path / "landing"), "--date", "2026-03-02"]
    assert cli.main([*arguments, "--by", "ts"]) == 0
    out = capsys.readouterr().out
    assert "2026-03-01: 1 records" in out
    assert "1 records have no time in ts" in out
    assert "Next: make backfill START=2026-03-01 END=2026-03-02" in out


DATED = replace(PODCAST, files=tuple(replace(kind, day=r"(\d{4}[-_]?\d\d[-_]?\d\d)[.]") for kind in PODCAST.files))


def test_a_file_arrives_on_the_day_in_its_name(tmp_path: Path, landing: UPath):
    kind = replace(DATED.files[0], patterns=("events*.csv",))
    dated = replace(DATED, files=(kind,))
    for name in ("events_20260301.csv", "events_2026-03-02.csv", "events_2026_03_03.csv"):
        (tmp_path / name).write_text("user_id\n1\n")
        placed = place(tmp_path / name, landing, dated, None)
        assert list(placed.days) == [datetime.date(2026, 3, int(name[-5]))]
    days = landed_days(landing, [dated])
    assert len(days) == 3
    assert [[file.path.name for file in find_files(landing, day, [dated])["podcast"]] for day in days] == [
        ["events_20260301.csv"],
        ["events_2026-03-02.csv"],
        ["events_2026_03_03.csv"],
    ]
    for options in ({"load_date": DAY}, {"load_date": None, "by": "ts"}):
        with pytest.raises(LoadError, match="is of 2026-03-01 by its name"):
            place(tmp_path / "events_20260301.csv", landing, dated, **options)
    (tmp_path / "events.csv").write_text("user_id\n")
    with pytest.raises(LoadError, match="its name is to say its day, and .* finds 'nothing' there"):
        place(tmp_path / "events.csv", landing, dated, None)
    (landing / "podcast" / str(DAY) / "events_20260301.csv").write_text("user_id\n1\n")
    with pytest.raises(LoadError, match="is of 2026-03-01 by its name, and lies in the folder of 2026-03-02"):
        find_files(landing, DAY, [dated])


@pytest.mark.parametrize(("uri", "package"), [("gs://bucket/landing", "gcsfs"), ("az://container/landing", "adlfs")])
def test_object_storage_names_the_package_that_it_needs(tmp_path: Path, uri: str, package: str):
    if importlib.util.find_spec(package):
        pytest.skip(f"{package} is installed")
    (tmp_path / "users.csv").write_text("user_id\n")
    for call in (
        lambda: find_files(UPath(uri), DAY, [PODCAST]),
        lambda: landed_days(UPath(uri), [PODCAST]),
        lambda: place(tmp_path / "users.csv", UPath(uri), PODCAST, DAY),
    ):
        with pytest.raises(LoadError, match=f"{uri}.*cannot be reached.*(\n)Remedy: install {package}"):
            call()
