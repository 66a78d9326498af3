"""What lies in the landing area, and what should lie there: silence is never taken for zero."""

import datetime
import gzip
from dataclasses import replace

import pytest
from upath import UPath

from ingestion.contract_yaml import load_contracts
from ingestion.errors import LoadError
from ingestion.landing import find_day, landed_days
from ingestion.service import load_day, publish_day
from tests.ingestion.helpers import DAY, Landing, event, ndjson

APP, PODCAST = load_contracts()
BEFORE = DAY - datetime.timedelta(days=1)
AFTER = DAY + datetime.timedelta(days=1)
PAUSE = b'{"event_type": "pause", "user_id": "u", "episode_id": "e", "timestamp": "2026-03-01T00:00:00"}\n'


def complaint(landing: Landing, day: datetime.date = DAY, contracts=(APP, PODCAST)) -> str:
    with pytest.raises(LoadError) as caught:
        find_day(landing.path, day, list(contracts))
    assert "\nRemedy: " in str(caught.value)
    return str(caught.value)


def test_files_are_numbered_by_source_and_path(landing: Landing):
    landing.put("event_logs.json", PAUSE, source="podcast")
    for name in ("users.csv", "events-web.ndjson", "events-ios.ndjson"):
        landing.put(name, b"")
    names = [(file.file_no, file.name) for file in find_day(landing.path, DAY, [PODCAST, APP]).files]
    assert names == [
        (1, "app/2026-03-02/events-ios.ndjson"),
        (2, "app/2026-03-02/events-web.ndjson"),
        (3, "app/2026-03-02/users.csv"),
        (4, "podcast/2026-03-02/event_logs.json"),
    ]


def test_the_landing_area_must_be_there(landing: Landing):
    assert f"the landing area {landing.path} is not there" in complaint(landing)


def test_a_daily_source_is_missed_once_it_has_begun(landing: Landing):
    landing.events(event(1), day=BEFORE)
    landing.events(event(1), day=AFTER)
    assert f"{landing.path}/app/2026-03-02 is not there, and app lands daily since 2026-03-01" in complaint(landing)


def test_a_daily_source_is_not_missed_before_it_begins(landing: Landing):
    landing.events(event(1), day=AFTER)
    landing.put("event_logs.json", PAUSE, source="podcast")
    assert len(find_day(landing.path, DAY, [APP, PODCAST]).files) == 1


def test_an_irregular_source_may_be_silent(landing: Landing):
    landing.events(event(1))
    assert len(find_day(landing.path, DAY, [APP, PODCAST]).files) == 1
    assert find_day(landing.path, AFTER, [PODCAST]).files == ()


def test_a_day_on_which_nothing_landed_is_an_error(landing: Landing):
    landing.events(event(1), day=AFTER)
    assert "nothing landed for 2026-03-02" in complaint(landing)


def test_a_folder_without_data_is_no_word_of_the_producer(landing: Landing):
    landing.put("_SUCCESS", b"")
    assert "holds no data" in complaint(landing)


def test_a_producer_may_say_that_it_has_nothing(landing: Landing):
    landing.put("_EMPTY", b"")
    loaded = landing.load_and_publish()
    assert (loaded.lines_read, loaded.files) == (0, ())
    assert landing.query("select status, empty_sources from ops.load") == [("published", ["app"])]
    assert landing.load().unchanged


def test_nothing_and_something_contradict_each_other(landing: Landing):
    landing.put("_EMPTY", b"")
    landing.events(event(1))
    assert "holds _EMPTY and files (events-ios.ndjson.gz)" in complaint(landing)


def test_hidden_names_are_no_data(landing: Landing):
    landing.events(event(1))
    for name in ("_MANIFEST.json", ".events-web.ndjson.part"):
        landing.put(name, b"x")
    (landing.path / "app" / str(DAY) / "_temporary").mkdir()
    (landing.path / "_archive" / str(DAY)).mkdir(parents=True)
    assert len(find_day(landing.path, DAY, [APP]).files) == 1


def test_a_file_that_no_contract_knows_is_not_passed_over(landing: Landing):
    landing.events(event(1))
    landing.put("event-ios.ndjson", b"")
    message = complaint(landing)
    assert "app/2026-03-02/event-ios.ndjson matches no pattern of" in message
    assert "events-*.ndjson" in message


def test_a_file_that_two_kinds_claim_is_refused(landing: Landing):
    landing.events(event(1))
    greedy = replace(APP, files=(APP.files[0], replace(APP.files[1], patterns=("*.gz",))))
    assert "matches several kinds of files" in complaint(landing, contracts=[greedy])


def test_a_source_without_contract_is_not_passed_over(landing: Landing):
    landing.events(event(1))
    landing.put("orders.csv", b"", source="shop")
    assert "no contract describes the source 'shop'" in complaint(landing)


def test_a_folder_among_the_files_is_refused(landing: Landing):
    landing.events(event(1))
    (landing.path / "app" / str(DAY) / "more").mkdir()
    assert "more is a folder" in complaint(landing)


def test_a_landing_area_may_be_an_object_store(landing: Landing):
    """fsspec's memory:// stands for s3:// and gs://."""
    store = UPath("memory://landing-of-test")
    folder = store / "app" / str(DAY)
    folder.mkdir(parents=True)
    (folder / "events-ios.ndjson.gz").write_bytes(gzip.compress(ndjson(event(1), b"{")))
    (folder / "_MANIFEST.json").write_bytes(b"{}")
    (loaded,) = load_day(landing.connection, store, DAY).files
    assert (loaded.name, loaded.loaded, loaded.quarantined) == ("app/2026-03-02/events-ios.ndjson.gz", 1, 1)
    publish_day(landing.connection, DAY)
    assert load_day(landing.connection, store, DAY).unchanged
    assert landing.event_ids() == ["e1"]
    assert landed_days(store, [APP]) == [DAY]


def test_the_days_that_landed(landing: Landing):
    landing.events(event(1), day=AFTER)
    landing.put("event_logs.json", PAUSE, source="podcast", day=BEFORE)
    (landing.path / "app" / "notes").mkdir()
    assert landed_days(landing.path, [APP, PODCAST]) == [BEFORE, AFTER]
