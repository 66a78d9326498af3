"""A landing area of one test, and lines of the synthetic source to put there."""

import datetime
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from psycopg2.extensions import connection as Connection

from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.service import DayLoad, load_day, publish_day

DAY = datetime.date(2026, 3, 2)
APP, PODCAST = (load_contract(SOURCES / f"{name}.yml") for name in ("app", "podcast"))


def event(number: int = 1, **changes) -> dict:
    """One well-formed event of the source `app`; a change to None leaves the key out."""
    made = {
        "event_id": f"e{number}",
        "event": "content_complete",
        "ts": "2026-03-02T07:12:33.120Z",
        "user_id": f"u_{number}",
        "platform": "ios",
        "app_version": "5.2",
        "content_id": "c_12",
        "duration_seconds": 312,
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


def ndjson(*records) -> bytes:
    """Records, and lines given as bytes, as a file."""
    lines = (record if isinstance(record, bytes) else json.dumps(record).encode() for record in records)
    return b"".join(line + b"\n" for line in lines)


@dataclass
class Landing:
    """A landing area of one test, and the way from it into the warehouse."""

    path: Path
    connection: Connection

    def put(self, name: str, content: bytes, *, source: str = "app", day: datetime.date = DAY) -> Path:
        """Land one file; `.gz` compresses."""
        folder = self.path / source / str(day)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(gzip.compress(content, mtime=0) if name.endswith(".gz") else content)
        return folder / name

    def events(self, *records, name: str = "events-ios.ndjson.gz", day: datetime.date = DAY) -> Path:
        return self.put(name, ndjson(*records), day=day)

    def load(self, day: datetime.date = DAY, **options) -> DayLoad:
        return load_day(self.connection, self.path, day, **options)

    def load_and_publish(self, day: datetime.date = DAY, **options) -> DayLoad:
        loaded = self.load(day, **options)
        publish_day(self.connection, day)
        return loaded

    def query(self, query: str, *values) -> list[tuple]:
        with self.connection, self.connection.cursor() as cursor:
            cursor.execute(query, values)
            return cursor.fetchall()

    def codes(self) -> list[tuple[int, str]]:
        """Line number and error code of what is quarantined."""
        return self.query("select line_no, error_code from ops.quarantine order by load_date, path, line_no")

    def event_ids(self) -> list[str]:
        return [row[0] for row in self.query("select event_id from raw.user_events order by event_id")]


def files_of(loaded: DayLoad) -> list[tuple[str, int, int, int, int]]:
    """Name, lines read, loaded, duplicates, quarantined."""
    return [
        (file.name.rpartition("/")[2], file.lines_read, file.loaded, file.duplicates, file.quarantined)
        for file in loaded.files
    ]
