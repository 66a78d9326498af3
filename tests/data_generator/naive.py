"""A slow and simple reader of landed days, written from the format's description and nothing else."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from data_generator.vocabulary import EVENTS


@dataclass
class Read:
    """What was found in one file."""

    lines: int = 0
    duplicates: int = 0
    quarantined: Counter = field(default_factory=Counter)
    loaded: list[dict] = field(default_factory=list)


def read_day(folder: Path) -> dict[str, Read]:
    """All data files of a day folder by name."""
    day = date.fromisoformat(folder.name)
    result = {}
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        result[path.name] = _read_csv(path) if path.suffix == ".csv" else _read_events(path, day)
    return result


def _read_events(path: Path, day: date) -> Read:
    read, seen = Read(), set()
    text = gzip.decompress(path.read_bytes()).decode()
    assert not text or text.endswith("\n")
    for line in text.splitlines():
        read.lines += 1
        error, event = _parse(line, day)
        if error:
            read.quarantined[error] += 1
        elif event["event_id"] in seen:
            read.duplicates += 1
        else:
            seen.add(event["event_id"])
            event["raw"], event["landed"] = line, day
            read.loaded.append(event)
    return read


def _parse(line: str, day: date) -> tuple[str, dict]:
    try:
        event = json.loads(line)
    except json.JSONDecodeError:
        return "malformed_json", {}
    if not isinstance(event, dict):
        return "not_an_object", {}
    if any(not (event.get(key) or "").strip() for key in ("event_id", "event", "ts")):
        return "missing_value", {}
    if not (event.get("user_id") or event.get("anonymous_id")):
        return "missing_value", {}
    if event["event"].lower() not in EVENTS:
        return "unknown_event_type", {}
    try:
        event["at"] = datetime.fromisoformat(event["ts"])
    except ValueError:
        return "unparsable_timestamp", {}
    if event["at"] < datetime(2010, 1, 1, tzinfo=UTC):
        return "ancient_timestamp", {}
    if event["at"] >= datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=2):
        return "future_timestamp", {}
    event["type"] = event["event"].lower()
    return "", event


def _read_csv(path: Path) -> Read:
    read = Read()
    with path.open(newline="") as file:
        header, *rows = csv.reader(file)
    for row in rows:
        read.lines += 1
        if len(row) != len(header):
            read.quarantined["column_count"] += 1
        elif not row[0] or not row[1] or not row[2]:
            read.quarantined["missing_value"] += 1
        else:
            read.loaded.append(dict(zip(header, row, strict=True)))
    return read


def is_bot(event: dict) -> bool:
    agent = event.get("user_agent", "").lower()
    return "bot" in agent or "python-requests" in agent
