"""How fast each format gets from a landing file into raw, beside the events of the apps: `python -m bench.formats`.

The same events of the synthetic company are landed in each format, plain, and loaded and published on a throwaway
server with the settings of the real one. A call of Segment and an event of GA4 hold what these producers write beside
that: their lines are four and six times as long.
"""

import argparse
import csv
import datetime
import hashlib
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from psycopg2.extensions import connection as Connection
from upath import UPath

from bench.loading import throwaway_warehouse
from data_generator.service import generate_day
from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.contracts import Contract, FileContract
from ingestion.fast_events import Doubt, FastEvents
from ingestion.reading import LandedFile
from ingestion.service import load_day, publish_day

DAY = datetime.date(2026, 3, 2)
SCALE = 150  # about 90,000 events
Event = dict[str, Any]

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.{} Safari/605",
    "Mozilla/5.0 (X11; Linux x86_64; rv:{0}.0) Gecko/20100101 Firefox/{0}.0",
)
COUNTRIES = {"AT": ("Austria", "Graz"), "DE": ("Germany", "Leipzig"), "US": ("United States", "Tulsa")}


@dataclass(frozen=True)
class Speed:
    """From a landing file to the published partition.

    `seconds`: medians; `cpu_seconds`: of our process, without PostgreSQL's; `line_bytes`: the mean length of a line,
    of Parquet a row's share of the file.
    """

    format: str
    events: int
    line_bytes: float
    seconds: float
    cpu_seconds: float

    @property
    def microseconds(self) -> float:
        """For one event."""
        return self.seconds / self.events * 1e6

    @property
    def cpu_microseconds(self) -> float:
        """For one event."""
        return self.cpu_seconds / self.events * 1e6

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds


@dataclass(frozen=True)
class Landed:
    """A landing area with one file in one format, and the contract of its source for this file alone."""

    area: UPath
    contract: Contract
    events: int
    size: int


def measure(*, scale: float = SCALE, repeats: int = 3, seed: int = 1) -> list[Speed]:
    """The speed of each format; the first is that of the apps. Each is loaded once before it counts."""
    with throwaway_warehouse() as (folder, warehouse), closing(warehouse.connect("loader")) as connection:
        formats = _landed(folder, scale, seed)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in formats}
        for _ in range(1 + repeats):  # in turn, so that what else the machine does falls upon all of them
            for name, landed in formats.items():
                taken[name].append(_load(connection, landed))
    speeds = []
    for name, landed in formats.items():
        seconds, cpu_seconds = map(statistics.median, zip(*taken[name][1:], strict=True))
        speeds.append(Speed(name, landed.events, landed.size / landed.events, seconds, cpu_seconds))
    return speeds


def _load(connection: Connection, landed: Landed) -> tuple[float, float]:
    """Seconds, and seconds of CPU, to load and publish a file, none of whose lines may be held back or skipped."""
    began, cpu_before = time.perf_counter(), time.process_time()
    loaded = load_day(connection, landed.area, DAY, contracts=[landed.contract], force=True)
    publish_day(connection, DAY)
    seconds, cpu_seconds = time.perf_counter() - began, time.process_time() - cpu_before
    if loaded.lines_read != landed.events or loaded.quarantined or loaded.skipped:
        raise RuntimeError(f"{landed.contract.source}, {landed.events:,} events: {loaded}")
    return seconds, cpu_seconds


def _landed(folder: Path, scale: float, seed: int) -> dict[str, Landed]:
    events = list(_events(folder, scale, seed))
    formats = {}
    for name, (kind, path) in _written(folder, events).items():
        area = folder / f"landing-{path.name}"
        file = area / kind.source / str(DAY) / "events"
        file.parent.mkdir(parents=True)
        path.rename(file)
        contract = replace(load_contract(SOURCES / f"{kind.source}.yml"), files=(replace(kind, patterns=("*",)),))
        formats[name] = Landed(UPath(area), contract, len(events), file.stat().st_size)
    return formats


def _events(folder: Path, scale: float, seed: int) -> Iterator[Event]:
    """The events of a day without what is wrong with some of its lines on purpose."""
    landing = UPath(folder / "landing")
    generate_day(landing, DAY, seed=seed, scale=scale, start=DAY - datetime.timedelta(days=1))
    fast_events = FastEvents(_contracts("app")[0], DAY, 1)
    for path in sorted((landing / "app" / str(DAY)).glob("events-*")):
        for first, lines in LandedFile(path).batches():
            row = fast_events.batch(lines)
            for number, line in enumerate(lines, first):
                with suppress(Doubt):
                    row(number, line)
                    yield json.loads(line)


def _contracts(source: str) -> tuple[FileContract, ...]:
    return load_contract(SOURCES / f"{source}.yml").files


def _written(folder: Path, events: list[Event]) -> dict[str, tuple[FileContract, Path]]:
    """The events in each format: how they are read, and where they lie."""
    app, segment, ga4 = (_contracts(source)[0] for source in ("app", "segment", "ga4"))
    # What the apps leave out, a column of a table has nevertheless.
    table = [{**dict.fromkeys(app.columns.values()), **event} for event in events]
    for row in table:
        row["properties"] = row["properties"] and json.dumps(row["properties"])
    write: dict[str, tuple[FileContract, Callable[[Path], Any]]] = {
        "NDJSON of the apps": (app, lambda path: _write_lines(path, events)),
        "NDJSON without ids": (
            replace(app, columns={column: field for column, field in app.columns.items() if column != "event_id"}),
            lambda path: _write_lines(path, events),
        ),
        "JSON array": (replace(app, format="json_array"), lambda path: path.write_text(json.dumps(events))),
        "CSV": (replace(app, format="csv"), lambda path: _write_csv(path, table)),
        "Parquet": (replace(app, format="parquet"), lambda path: pq.write_table(pa.Table.from_pylist(table), path)),
        "Segment": (segment, lambda path: _write_lines(path, map(_segment, events))),
        "GA4": (ga4, lambda path: _write_lines(path, map(_ga4, range(len(events)), events))),
    }
    files = {}
    for number, (name, (contract, writes)) in enumerate(write.items()):
        path = folder / f"{number}"
        writes(path)
        files[name] = contract, path
    return files


def _write_lines(path: Path, records: Any) -> None:
    with path.open("w") as stream:
        for record in records:
            stream.write(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")


def _write_csv(path: Path, table: list[Event]) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, table[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


def _drawn(event: Event) -> tuple[str, int]:
    """Who did it, and a number that is the same for all that this person does."""
    person = event.get("user_id") or event["anonymous_id"]
    return person, int.from_bytes(hashlib.blake2b(person.encode(), digest_size=4).digest())


def _segment(event: Event) -> Event:
    """What analytics.js writes of an event."""
    person, number = _drawn(event)
    browser = BROWSERS[number % 3].format(number % 40 + 90)
    path = f"/{event['event']}/{event.get('content_id', '')}"
    return {
        "anonymousId": event.get("anonymous_id") or f"a-{number:032x}",
        "channel": "client",
        "context": {
            "app": {"name": "engagement", "version": event.get("app_version") or "1.0", "build": "31"},
            "campaign": {"source": event.get("utm_source"), "medium": event.get("utm_medium")},
            "ip": "203.0.113.7",
            "library": {"name": "analytics.js", "version": "next-1.70.0"},
            "locale": f"{event.get('language') or 'en'}-US",
            "location": {"country": COUNTRIES.get(event.get("country"), ("United States",))[0]},
            "page": {
                "path": path,
                "referrer": event.get("referrer") or "https://www.example.com/",
                "search": "",
                "title": event["event"].replace("_", " "),
                "url": f"https://app.example.com{path}",
            },
            "sessionId": event.get("session_id") or f"s-{person}",
            "timezone": "America/New_York",
            "userAgent": browser,
            "userAgentData": {"brands": [{"brand": "Chromium", "version": "120"}], "mobile": False},
        },
        "event": {"purchase": "Order Completed", "page_view": "Page Seen"}.get(event["event"], event["event"]),
        "integrations": {"All": True},
        "messageId": f"ajs-next-{event['event_id']}",
        "originalTimestamp": event["ts"],
        "properties": {
            **(event.get("properties") or {}),
            "content_asset_id": event.get("content_id"),
            "product_id": event.get("product_id"),
            "total": event.get("amount"),
            "currency": event.get("currency"),
            "order_id": event.get("order_id"),
            "seconds": event.get("duration_seconds"),
        },
        "receivedAt": event["ts"].replace("Z", "") + "1Z",
        "sentAt": event["ts"],
        "timestamp": event["ts"],
        "type": "track",
        "userId": event.get("user_id"),
        "writeKey": "k" * 32,
    }


def _ga4(place: int, event: Event) -> Event:
    """What GA4 exports of an event."""
    _, number = _drawn(event)
    moment = datetime.datetime.fromisoformat(event["ts"])
    microsecond = round(moment.timestamp() * 1e6)
    country, city = COUNTRIES.get(event.get("country"), ("United States", "Tulsa"))
    page = f"https://app.example.com/{event['event']}/{event.get('content_id', '')}"
    parameters: dict[str, Any] = {
        "page_location": page,
        "page_referrer": event.get("referrer") or "https://www.example.com/",
        "page_title": event["event"].replace("_", " "),
        "ga_session_id": microsecond // 10**6 // 1800 * 1800,
        "ga_session_number": number % 9,
        "engagement_time_msec": number % 30_000,
        "session_engaged": "1",
        "content_id": event.get("content_id"),
        "currency": event.get("currency"),
        "source": event.get("utm_source") or "(direct)",
        "medium": event.get("utm_medium") or "(none)",
    }
    money = {"total_item_quantity": None, "purchase_revenue": event.get("amount"), "unique_items": None}
    return {
        "event_date": f"{moment:%Y%m%d}",
        "event_timestamp": str(microsecond),
        "event_name": event["event"],
        "event_params": [
            {"key": key, "value": {"int_value": str(value)} if isinstance(value, int) else {"string_value": value}}
            for key, value in parameters.items()
            if value is not None
        ],
        "event_bundle_sequence_id": str(place),
        "user_id": event.get("user_id"),
        "user_pseudo_id": f"{number}.{number // 3}",
        "privacy_info": {"analytics_storage": "Yes", "ads_storage": "Yes", "uses_transient_token": "No"},
        "user_properties": [],
        "user_first_touch_timestamp": str(number * 1000),
        "device": {
            "category": "mobile" if number % 2 else "desktop",
            "mobile_brand_name": "Apple",
            "mobile_model_name": "iPhone",
            "operating_system": "iOS" if number % 2 else "Windows",
            "operating_system_version": f"{number % 17}",
            "language": "en-us",
            "is_limited_ad_tracking": "No",
            "web_info": {"browser": "Chrome", "browser_version": f"{number % 40 + 90}", "hostname": "app.example.com"},
        },
        "geo": {"city": city, "country": country, "continent": "Europe", "region": city, "metro": "(not set)"},
        "traffic_source": {"name": "(direct)", "medium": "(none)", "source": "(direct)"},
        "stream_id": "1234567",
        "platform": "WEB",
        "ecommerce": {**money, "transaction_id": event.get("order_id") or "(not set)"},
        "items": [],
        "collected_traffic_source": {
            "manual_source": event.get("utm_source"),
            "manual_medium": event.get("utm_medium"),
        },
        "is_active_user": True,
        "batch_event_index": str(place % 20),
        "batch_page_id": str(microsecond // 1000),
        "batch_ordering_id": str(place % 7),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.formats", description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=SCALE, help=f"1600: a million events (default: {SCALE})")
    parser.add_argument("--repeats", type=int, default=3)
    chosen = parser.parse_args()
    speeds = measure(scale=chosen.scale, repeats=chosen.repeats)
    for speed in speeds:
        ratio = speed.microseconds / speeds[0].microseconds
        print(
            f"{speed.format:<20} {speed.line_bytes:>6,.0f} bytes {speed.events_per_second:>9,.0f} events/s"
            f" {speed.microseconds:>5.1f} µs, {speed.cpu_microseconds:>5.1f} µs of CPU  {ratio:.2f} times as long"
        )


if __name__ == "__main__":
    main()
