"""One messy company, landed once for all tests of the generator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from upath import UPath

from data_generator import generate
from tests.data_generator.naive import Read, is_bot, read_day

START = date(2026, 3, 2)
DAYS = 75


@dataclass
class Landed:
    """The days of a company on disk, and what a naive reader finds in them."""

    folder: Path
    start: date
    days: int

    @cached_property
    def read(self) -> dict[date, dict[str, Read]]:
        return {day: read_day(self.folder / "app" / day.isoformat()) for day in self.dates}

    @property
    def dates(self) -> list[date]:
        return [self.start + timedelta(days=number) for number in range(self.days)]

    @cached_property
    def manifests(self) -> dict[date, dict]:
        return {day: json.loads((self.folder / "app" / f"{day}" / "_MANIFEST.json").read_text()) for day in self.dates}

    @cached_property
    def arrivals(self) -> list[dict]:
        """Every good event as it arrived, day by day; duplicates within a day are gone, those across days are not."""
        return [
            event
            for files in self.read.values()
            for name, file in files.items()
            if name.startswith("events-")
            for event in file.loaded
        ]

    @cached_property
    def events(self) -> list[dict]:
        """Every event of a person once: the first arrival."""
        first: dict[str, dict] = {}
        for event in self.arrivals:
            first.setdefault(event["event_id"], event)
        return [event for event in first.values() if not is_bot(event)]

    def changes(self, name: str) -> Iterator[dict]:
        """Good change records of one extract, in the order of landing."""
        for files in self.read.values():
            yield from files[name].loaded


@pytest.fixture(scope="session")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Landed:
    folder = tmp_path_factory.mktemp("landing")
    generate(UPath(folder), START, START + timedelta(days=DAYS - 1), seed=7, scale=2.0, start=START)
    return Landed(folder, START, DAYS)
