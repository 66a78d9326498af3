"""`python -m ingestion scan`: what landed and is not loaded as it lies there."""

import datetime
import os
import time

import pytest

from ingestion.contract_yaml import load_contracts
from ingestion.scanning import scan
from tests.ingestion.helpers import DAY, Landing, event

NEXT = DAY + datetime.timedelta(days=1)


@pytest.fixture
def found(landing: Landing):
    def call(**options) -> list[tuple[str, str, str]]:
        differences = scan(landing.connection, landing.path, load_contracts(), **options)
        return [(str(each.load_date), each.verdict, each.path.rpartition("/")[2]) for each in differences]

    return call


def test_what_is_loaded_as_it_lies_there_is_not_told(landing: Landing, found):
    past = time.time() - 3600
    for path in (landing.events(event(1)), landing.events(event(2), day=NEXT)):
        os.utime(path, (past, past))
    landing.load_and_publish()
    assert found() == [("2026-03-03", "never loaded", "events-ios.ndjson.gz")]
    landing.load_and_publish(NEXT)
    assert found() == []


def test_each_difference_is_told(landing: Landing, found):
    kept = landing.events(event(1), name="events-a.ndjson")
    longer = landing.events(event(2), name="events-b.ndjson")
    other = landing.events(event(3), name="events-c.ndjson")
    gone = landing.events(event(4), name="events-d.ndjson")
    landing.load_and_publish()
    past, later = time.time() - 3600, time.time() + 3600
    os.utime(kept, (past, past))
    landing.events(event(2), event(5), name="events-b.ndjson")
    landing.events(event(6), name="events-c.ndjson")
    os.utime(longer, (past, past))
    os.utime(other, (later, later))
    gone.unlink()
    landing.events(event(7), name="events-e.ndjson")
    told = {
        ("2026-03-02", "changed", "events-b.ndjson"),
        ("2026-03-02", "gone", "events-d.ndjson"),
        ("2026-03-02", "never loaded", "events-e.ndjson"),
    }
    assert set(found()) == told | {("2026-03-02", "touched", "events-c.ndjson")}
    os.utime(other, (past, past))  # its size and its time are those of before
    assert set(found()) == told
    assert set(found(by_content=True)) == told | {("2026-03-02", "changed", "events-c.ndjson")}
    assert found(first=NEXT) == []


def test_a_day_that_cannot_be_read_is_told_with_its_remedy(landing: Landing):
    landing.events(event(1))
    landing.put("notes.txt", b"")
    (difference,) = scan(landing.connection, landing.path, load_contracts())
    assert difference.verdict == "refused"
    assert "matches no pattern" in difference.detail


def test_a_rejected_day_says_so(landing: Landing):
    from ingestion.publishing import reject_day

    landing.events(event(1))
    landing.load()
    reject_day(landing.connection, DAY)
    (difference,) = scan(landing.connection, landing.path, load_contracts())
    assert difference.detail == "the last attempt of its day was rejected"
