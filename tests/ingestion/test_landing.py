"""What lies in the landing area, and what should lie there: silence is never taken for zero."""

import datetime
import gzip
from dataclasses import replace

import pytest
from upath import UPath

from ingestion.errors import LoadError
from ingestion.landing import find_day, landed_days, owes
from ingestion.service import load_day, publish_day
from tests.ingestion.helpers import APP, DAY, PODCAST, Landing, event, ndjson

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


@pytest.mark.parametrize(
    ("terms", "first_landed", "owed"),
    [
        ({}, None, False),
        ({}, BEFORE, True),
        ({}, DAY, True),
        ({}, AFTER, False),
        ({"begins": DAY}, None, True),
        ({"begins": AFTER}, BEFORE, False),
        ({"ends": DAY}, BEFORE, True),
        ({"ends": BEFORE}, BEFORE, False),
        ({"cadence": "irregular"}, BEFORE, False),
    ],
)
def test_a_day_is_owed_from_the_first_to_the_last(terms, first_landed, owed):
    assert owes(replace(APP, **terms), DAY, first_landed) == owed


def test_a_daily_source_is_missed_once_it_has_begun(landing: Landing):
    landing.events(event(1), day=BEFORE)
    message = complaint(landing)
    assert f"{landing.path}/app/2026-03-02 is not there, and app lands daily since 2026-03-01" in message
    assert f"If app has ended, write `ends: 2026-03-01` into {APP.path}." in message


def test_a_gap_before_a_source_really_began_is_told_with_its_remedy(landing: Landing):
    """Someone dropped a sample in, long before the company began."""
    landing.events(event(1), day=BEFORE)
    landing.events(event(1), day=AFTER)
    landing.put("event_logs.json", PAUSE, source="podcast")
    assert f"If app began later, write `begins: 2026-03-03` into {APP.path}." in complaint(landing)
    began = replace(APP, begins=AFTER)
    assert find_day(landing.path, DAY, [began, PODCAST]).due_sources == ()
    assert len(find_day(landing.path, BEFORE, [began, PODCAST]).files) == 1  # the sample is loaded like any other


def test_a_daily_source_that_says_when_it_begins_is_missed_though_it_never_landed(landing: Landing):
    landing.put("event_logs.json", PAUSE, source="podcast")
    message = complaint(landing, contracts=[replace(APP, begins=BEFORE), PODCAST])
    assert "app/2026-03-02 is not there, and app lands daily since 2026-03-01.\nRemedy: land the day" in message


def test_a_daily_source_is_not_missed_after_its_end(landing: Landing):
    landing.events(event(1), day=BEFORE)
    ended = replace(APP, ends=BEFORE)
    assert find_day(landing.path, DAY, [ended, PODCAST]).files == ()
    landing.put("_SUCCESS", b"")  # nor is a word from it
    assert find_day(landing.path, DAY, [ended, PODCAST]).files == ()
    assert find_day(landing.path, BEFORE, [ended, PODCAST]).due_sources == ("app",)


def test_a_daily_source_is_not_missed_before_it_begins(landing: Landing):
    landing.events(event(1), day=AFTER)
    landing.put("event_logs.json", PAUSE, source="podcast")
    assert len(find_day(landing.path, DAY, [APP, PODCAST]).files) == 1


def test_the_company_owes_nothing_where_it_never_landed(landing: Landing):
    landing.put("event_logs.json", PAUSE, source="podcast")
    assert find_day(landing.path, DAY, [APP, PODCAST]).due_sources == ()
    assert find_day(landing.path, AFTER, [APP, PODCAST]).files == ()


def test_a_load_keeps_who_owed_the_day_events(landing: Landing):
    """Who said that there are none, and who has none in its contract, owes none."""
    landing.events(event(1))
    landing.put("_EMPTY", b"", source="podcast")
    daily = replace(PODCAST, cadence="daily")
    landing.load(contracts=[APP, daily])
    assert landing.query("select due_sources from ops.load") == [(["app"],)]
    catalogue = replace(APP, files=APP.files[1:])
    (landing.path / "app" / str(DAY) / "events-ios.ndjson.gz").unlink()
    landing.put("users.csv", b"")
    assert find_day(landing.path, DAY, [catalogue, daily]).due_sources == ()


def test_an_irregular_source_may_be_silent(landing: Landing):
    landing.events(event(1))
    assert len(find_day(landing.path, DAY, [APP, PODCAST]).files) == 1
    assert find_day(landing.path, AFTER, [PODCAST]).files == ()


def test_a_day_on_which_nothing_landed_is_an_error(landing: Landing):
    landing.events(event(1), day=AFTER)
    assert f"nothing landed for 2026-03-02 in {landing.path}, nor for any day before" in complaint(landing)


def test_a_folder_that_is_no_day_counts_for_nothing(landing: Landing):
    (landing.path / "app" / "2026-02-30").mkdir(parents=True)
    assert "nothing landed" in complaint(landing)
    assert landed_days(landing.path, [APP]) == []


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
