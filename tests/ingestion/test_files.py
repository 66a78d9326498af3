"""Files as producers really land them: each oddity has its answer, and no line is lost."""

import gzip
import random
import zlib

import pytest

from ingestion.errors import LoadError
from ingestion.reading import CHUNK, LONGEST_KEPT, LONGEST_LINE
from tests.ingestion.helpers import Landing, event, files_of, ndjson


def quarantined(landing: Landing) -> list[tuple[int, str, bytes]]:
    rows = landing.query("select line_no, error_code, raw from ops.quarantine order by path, line_no")
    return [(line_no, code, bytes(raw)) for line_no, code, raw in rows]


@pytest.fixture(autouse=True)
def conserved(landing: Landing):
    """After every test of this page: what was read is loaded, duplicate or quarantined, in the tables themselves."""
    yield
    for row in landing.query(
        "select path, file_load.lines_read, file_load.loaded, file_load.duplicates, file_load.quarantined,"
        " (select count(*) from ops.quarantine where (load_id, path) = (file_load.load_id, file_load.path)),"
        " (select count(*) from raw.user_events as event"
        "  where (event.load_date, event.file_no) = (file_load.load_date, file_load.file_no))"
        " from ops.file_load inner join ops.load using (load_id) where status = 'published' and target = 'user_events'"
    ):
        path, lines_read, loaded, duplicates, held_back, rows_held_back, rows_loaded = row
        assert lines_read == loaded + duplicates + held_back, path
        assert (rows_loaded, rows_held_back) == (loaded, held_back), path


def test_plain_and_gzip_are_told_apart_by_their_bytes(landing: Landing):
    landing.put("events-web.ndjson.gz", ndjson(event(1)))
    (landing.path / "app/2026-03-02/events-ios.ndjson").write_bytes(gzip.compress(ndjson(event(2))))
    (landing.path / "app/2026-03-02/events-web.ndjson.gz").write_bytes(ndjson(event(1)))
    landing.load_and_publish()
    assert landing.event_ids() == ["e1", "e2"]


def test_the_last_line_needs_no_newline(landing: Landing):
    landing.put("events-ios.ndjson", ndjson(event(1), event(2)).rstrip(b"\n"))
    assert files_of(landing.load_and_publish()) == [("events-ios.ndjson", 2, 2, 0, 0)]


def test_carriage_returns_and_a_byte_order_mark_are_no_content(landing: Landing):
    content = b"\xef\xbb\xbf" + ndjson(event(1), b"{", event(2)).replace(b"\n", b"\r\n")
    landing.put("events-ios.ndjson", content)
    landing.load_and_publish()
    assert landing.event_ids() == ["e1", "e2"]
    assert quarantined(landing) == [(2, "malformed_json", b"{")]


def test_a_blank_line_is_no_line_and_keeps_its_number(landing: Landing):
    landing.events(event(1), b"", b" \t\r", b"{", b"")
    assert files_of(landing.load_and_publish()) == [("events-ios.ndjson.gz", 2, 1, 0, 1)]
    assert quarantined(landing) == [(4, "malformed_json", b"{")]


def test_an_empty_file_has_no_lines(landing: Landing):
    landing.put("events-ios.ndjson", b"")
    landing.put("events-web.ndjson.gz", b"")
    landing.put("users.csv", b"")
    assert [file[1:] for file in files_of(landing.load_and_publish())] == [(0, 0, 0, 0)] * 3


def test_bytes_that_are_no_text_are_kept_as_they_are(landing: Landing):
    landing.events(event(1), b'{"event_id":"\xff\xfe"}', b'{"a":"\x00"}', b'{"a":"\\u0000"}', event(2))
    landing.load_and_publish()
    assert quarantined(landing) == [
        (2, "invalid_utf8", b'{"event_id":"\xff\xfe"}'),
        (3, "nul_byte", b'{"a":"\x00"}'),
        (4, "missing_value", b'{"a":"\\u0000"}'),
    ]
    assert landing.event_ids() == ["e1", "e2"]


def test_escapes_come_through(landing: Landing):
    text = 'tab\t quote" backslash\\ newline\n return\r \\N \\. snowman ☃ \x7f'
    landing.events(event(1, user_agent=text, properties={"text": text}))
    landing.load_and_publish()
    assert landing.query("select user_agent, properties->>'text' from raw.user_events") == [(text, text)]


def test_a_20_megabyte_line_is_quarantined_whole(landing: Landing):
    long = b'{"event_id":"' + b"x" * (20 * 1024**2) + b'"}'
    landing.events(event(1), long, event(2))
    landing.load_and_publish()
    assert quarantined(landing) == [(2, "line_too_long", long)]
    assert landing.event_ids() == ["e1", "e2"]


def test_a_line_just_short_enough_is_loaded(landing: Landing):
    filler = "x" * (LONGEST_LINE - 500)
    landing.events(event(1, properties={"filler": filler}))
    landing.load_and_publish()
    assert landing.query("select properties->>'filler' = %s from raw.user_events", filler) == [(True,)]


def test_a_file_without_lines_is_refused(landing: Landing):
    path = landing.put("events-ios.ndjson", b"x" * (LONGEST_KEPT + CHUNK))
    with pytest.raises(LoadError, match=f"{path}, line 1: longer than 64 MiB(.|\n)*Remedy"):
        landing.load()
    assert landing.query("select status from ops.load") == [("failed",)]


def lines(number: int) -> bytes:
    """Events whose compressed form is several chunks long."""
    noise = random.Random(1)
    return ndjson(*(event(at, user_id=f"u_{noise.getrandbits(128):x}") for at in range(number)))


def test_of_a_truncated_gzip_the_complete_lines_are_loaded(landing: Landing):
    content = lines(2000)
    path = landing.put("events-ios.ndjson.gz", content)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    (file,) = landing.load_and_publish().files
    assert 0 < file.loaded < 2000
    ((line_no, code, raw),) = quarantined(landing)
    assert (line_no, code) == (file.loaded + 1, "truncated_file")
    assert content.splitlines()[file.loaded].startswith(raw)
    assert file.bytes_read == len(whole) // 2


def test_a_gzip_that_lacks_only_its_end_mark_is_truncated(landing: Landing):
    path = landing.events(event(1), event(2))
    path.write_bytes(path.read_bytes()[:-8])
    assert files_of(landing.load_and_publish()) == [("events-ios.ndjson.gz", 3, 2, 0, 1)]
    assert quarantined(landing) == [(3, "truncated_file", b"")]


def test_a_damaged_gzip_is_refused(landing: Landing):
    """Damage, unlike truncation, may have changed any line without making it unreadable."""
    landing.events(event(1))
    landing.load_and_publish()
    path = landing.put("events-ios.ndjson.gz", lines(20_000))
    damaged = bytearray(path.read_bytes())
    middle = len(damaged) // 2
    damaged[middle : middle + 64] = bytes(64)
    path.write_bytes(damaged)
    with pytest.raises(LoadError, match=f"{path} is damaged, before byte(.|\n)*Remedy"):
        landing.load()
    assert landing.event_ids() == ["e1"]


def test_a_wrong_checksum_is_a_damage(landing: Landing):
    path = landing.events(event(1))
    damaged = bytearray(path.read_bytes())
    damaged[-8] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(LoadError, match="incorrect data check"):
        landing.load()


def test_a_gzip_may_have_several_members(landing: Landing):
    path = landing.events(event(1))
    path.write_bytes(path.read_bytes() + gzip.compress(ndjson(event(2))) + bytes(512))
    assert files_of(landing.load_and_publish()) == [("events-ios.ndjson.gz", 2, 2, 0, 0)]


def test_a_gzip_that_inflates_a_thousandfold_is_read_in_pieces(landing: Landing):
    bomb = zlib.compressobj(9, wbits=31)
    content = bomb.compress(b" " * 200 * 1024**2 + b"\n") + bomb.flush()
    path = landing.events(event(1))
    path.write_bytes(path.read_bytes() + content)
    with pytest.raises(LoadError, match="line 2: longer than 64 MiB"):
        landing.load()


def test_a_file_that_changes_while_it_is_read_is_refused(landing: Landing, monkeypatch: pytest.MonkeyPatch):
    path = landing.events(event(1))
    landing.load_and_publish()
    path.write_bytes(gzip.compress(ndjson(event(2))))

    from ingestion import rows

    class Grows(rows.LandedFile):
        def _read(self) -> bytes:
            chunk = super()._read()
            if not chunk:
                with path.open("ab") as producer:
                    producer.write(gzip.compress(ndjson(event(3))))
            return chunk

    monkeypatch.setattr(rows, "LandedFile", Grows)
    with pytest.raises(LoadError, match="changed while it was read(.|\n)*Remedy"):
        landing.load()
    assert landing.event_ids() == ["e1"]  # the day as it was published stays
    monkeypatch.undo()
    landing.load_and_publish()
    assert landing.event_ids() == ["e2", "e3"]
