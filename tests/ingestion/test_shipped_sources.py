"""The contracts that ship for well-known exports: a small messy export of each, and the rows that it must become.

The exports lie in `fixtures/<source>/`; they were made for these tests. The rows were worked out by hand.
"""

import datetime
from decimal import Decimal
from pathlib import Path

from tests.ingestion.helpers import DAY, Landing, files_of

FIXTURES = Path(__file__).resolve().parent / "fixtures"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
OF_THE_LOAD = ("load_date", "file_no", "source")


def load(landing: Landing, source: str, *names: str, day: datetime.date = DAY) -> list[tuple[str, int, int, int, int]]:
    """Land files of a source's fixture and load the day. Returns name, lines read, loaded, duplicates, quarantined."""
    for name in names:
        landing.put(name, (FIXTURES / source / name).read_bytes(), source=source, day=day)
    return files_of(landing.load_and_publish(day))


def rows(landing: Landing, table: str = "user_events", day: datetime.date = DAY) -> dict[int | tuple[int, int], dict]:
    """The rows of a day by their number of the line, without what is null or comes from the load."""
    with landing.connection, landing.connection.cursor() as cursor:
        cursor.execute(f"select * from raw.{table} where load_date = %s order by file_no, line_no", (day,))
        names = [each.name for each in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return {
        row["line_no"]: {
            name: _plain(value)
            for name, value in row.items()
            if value is not None and name not in (*OF_THE_LOAD, "line_no")
        }
        for row in found
    }


def _plain(value):
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).replace(tzinfo=None).isoformat(" ")
    return str(value) if isinstance(value, Decimal) else value


def event(name: str, event_type: str, at: str, **columns) -> dict:
    """A row of user_events, with what most rows have."""
    actor = columns.get("user_id", columns.get("anonymous_id"))
    return {
        "event_name": name,
        "event_type": event_type,
        "event_ts": at,
        "actor_id": actor,
        "is_activity": True,
        "is_producer_session": False,
        **columns,
    }


def differences(found: dict, expected: dict) -> dict:
    """What differs, line by line and column by column: (found, expected)."""
    told = {}
    for line in sorted({*found, *expected}, key=str):
        one, other = found.get(line, {}), expected.get(line, {})
        if wrong := {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}:
            told[line] = wrong
    return told


def test_segment(landing: Landing):
    assert load(landing, "segment", "calls-0001.json") == [("calls-0001.json", 16, 11, 1, 4)]
    assert landing.codes() == [
        (7, "malformed_json"),
        (14, "missing_value"),
        (15, "unparsable_timestamp"),
        (16, "missing_value"),
    ]
    visitor = {"anonymous_id": "segment:v-41"}
    ada = {**visitor, "user_id": "segment:C-7"}
    expected = {
        1: event(
            "page",
            "page_view",
            "2026-03-02 08:00:00.125000",
            event_id="ajs-1",
            **visitor,
            platform="web",
            user_agent=CHROME,
            language="de",
            device_type="desktop",
            os="Windows",
            browser="Chrome",
            page_path="/",
            referrer="https://www.google.de/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                "name": "Startseite",
                "receivedAt": "2026-03-02T08:00:01.000Z",
                "properties": {"title": "Häuser & Gärten"},
                "context": {
                    "library": {"name": "analytics.js", "version": "next-1.70"},
                    "page": {"url": "https://shop.example/?utm_source=brief"},
                    "locale": "de-AT",
                },
            },
        ),
        2: event(
            "identify",
            "custom",
            "2026-03-02 08:01:00",
            event_id="ajs-2",
            **ada,
            is_activity=False,
            platform="web",
            language="de",
            properties={
                "context": {"library": {"name": "analytics.js"}, "locale": "de-AT"},
            },
        ),
        3: event(
            "Product Viewed",
            "product_view",
            "2026-03-02 08:02:00",
            event_id="ajs-3",
            **ada,
            platform="web",
            product_id="segment:4711",
            currency="EUR",
            country="AT",
            properties={
                "type": "track",
                "properties": {"price": 44.95},
                "context": {"library": {"name": "analytics.js"}, "location": {"country": "Austria"}},
            },
        ),
        4: event(
            "Product Added",
            "cart_add",
            "2026-03-02 08:03:00",
            event_id="ajs-4",
            **ada,
            product_id="segment:4711",
            quantity=2,
            properties={"type": "track", "properties": {"cart_id": "k1"}},
        ),
        6: event(
            "Order Completed",
            "purchase",
            "2026-03-02 08:05:00",
            event_id="ajs-5",
            **ada,
            order_id="segment:o-9",
            amount="89.90",
            currency="EUR",
            properties={
                "type": "track",
                "properties": {"revenue": 80, "products": [{"product_id": "4711", "quantity": 2}]},
            },
        ),
        8: event(
            "screen",
            "page_view",
            "2026-03-02 10:00:00",
            event_id="ios-1",
            anonymous_id="segment:device-2",
            platform="ios",
            app_version="5.2",
            language="en",
            device_type="tablet",
            os="iPadOS",
            session_id="segment:1772445600",
            properties={
                "name": "Hörbücher",
                "context": {
                    "device": {"type": "ios", "model": "iPad13,1"},
                    "os": {"version": "17.0"},
                    "library": {"name": "analytics-swift"},
                    "locale": "en_GB",
                },
            },
        ),
        9: event(
            "Video Content Started",
            "content_start",
            "2026-03-02 11:00:00",
            event_id="and-1",
            user_id="segment:C-8",
            anonymous_id="segment:device-3",
            platform="android",
            content_id="segment:film-1",
            device_type="mobile",
            os="Android",
            properties={
                "type": "track",
                "properties": {"title": "日本の朝"},
                "context": {"device": {"type": "android", "model": "Pixel 7"}, "os": {"version": "13"}},
            },
        ),
        10: event(
            "alias",
            "custom",
            "2026-03-02 11:30:00",
            event_id="srv-1",
            user_id="segment:C-9",
            anonymous_id="segment:v-77",
            is_activity=False,
        ),
        11: event(
            "group",
            "custom",
            "2026-03-02 11:31:00",
            event_id="srv-2",
            user_id="segment:C-9",
            is_activity=False,
            properties={"groupId": "Familie"},
        ),
        12: event(
            "Order Refunded",
            "refund",
            "2026-03-02 12:00:00",
            event_id="srv-3",
            user_id="segment:C-7",
            is_activity=False,
            order_id="segment:o-9",
            amount="44.95",
            currency="EUR",
            properties={"type": "track"},
        ),
        13: event(
            "Größe gewählt",
            "custom",
            "2026-03-02 12:30:00",
            event_id="ajs-7",
            **visitor,
            properties={"type": "track", "properties": {"groesse": "M"}},
        ),
    }
    assert differences(rows(landing), expected) == {}
