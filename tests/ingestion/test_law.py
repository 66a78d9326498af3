"""Whatever bytes land: the server takes every row that the mapping gives, no line is lost, and memory stays flat."""

import csv
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from upath import UPath

from ingestion.landing import DayFile
from ingestion.reading import compression
from ingestion.rows import FileRows
from tests.ingestion.helpers import APP, DAY, Landing, event, ndjson

EVENTS, USERS = APP.files[:2]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=20)
)
nested = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner))
texts = st.text(st.characters(codec="utf-8"), max_size=20)
good_enough = st.builds(
    lambda number, changes: json.dumps(event(number, **changes)).encode(),
    st.integers(0, 20),
    st.dictionaries(st.sampled_from([*EVENTS.columns.values(), "other"]), nested, max_size=2),
)
numbers = st.builds(
    lambda field, number: b'{"event_id":"n","event":"like","ts":"2026-03-02","user_id":"u","%b":%b}' % (field, number),
    st.sampled_from([b"duration_seconds", b"amount", b"properties", b"other"]),
    st.from_regex(rb"-?\d{1,20}(\.\d{1,20})?(e[+-]?\d{1,3})?", fullmatch=True),
)
lines = st.one_of(good_enough, good_enough, numbers, st.binary(max_size=40), st.just(b""))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.lists(lines, min_size=1, max_size=30), end=st.sampled_from([b"\n", b"\r\n"]))
def test_no_line_is_lost_and_no_row_is_refused(landing: Landing, content: list[bytes], end: bytes):
    whole = end.join(content)
    assume(not compression(whole))  # then it is no file of lines
    landing.put("events-ios.ndjson", whole)
    landing.put("events-web.ndjson.gz", whole)
    twice = landing.load_and_publish(force=True).files
    count = sum(1 for line in whole.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip(b" \t\r\n\x0b\x0c"))
    for file in twice:
        assert file.lines_read == count == file.loaded + file.duplicates + file.quarantined + file.skipped
    assert twice[0].quarantined == twice[1].quarantined
    assert twice[1].loaded == 0  # all of it is there already
    rows = landing.query("select count(*), count(distinct event_id) from raw.user_events")
    assert rows == [(twice[0].loaded, twice[0].loaded)]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(records=st.lists(st.lists(texts, min_size=14, max_size=15), max_size=8), noise=st.binary(max_size=30))
def test_no_record_is_lost_and_no_row_is_refused(landing: Landing, records: list[list[str]], noise: bytes):
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow(USERS.columns.values())
    for number, record in enumerate(records):
        writer.writerow([f"u_{number}", "2026-03-02", "upsert", *record[3:13], "2026-03-01", *record[14:]])
    landing.put("users.csv", made.getvalue().encode() + noise)
    (file,) = landing.load_and_publish(force=True).files
    assert file.lines_read == file.loaded + file.duplicates + file.quarantined + file.skipped
    assert landing.query("select count(*) from raw.user_changes") == [(file.loaded,)]
    if not noise:
        assert file.lines_read == len(records)


@pytest.mark.parametrize("is_good", [True, False], ids=["loaded", "quarantined"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, is_good: bool):
    def peak(number: int) -> int:
        path = tmp_path / "events-ios.ndjson"
        with path.open("wb") as stream:
            for first in range(0, number, 1000):
                good = ndjson(*(event(first + offset) for offset in range(1000)))
                stream.write(good if is_good else good.replace(b"}", b""))
        tracemalloc.start()
        with (tmp_path / "held back").open("wb") as held_back:
            rows = FileRows(DayFile(UPath(path), path.name, 1, EVENTS), DAY, 1, held_back)
            for _ in rows.chunks():
                pass
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (rows.lines_read, rows.quarantined) == (number, 0 if is_good else number)
        return highest

    assert peak(20_000) < peak(4_000) * 1.2
