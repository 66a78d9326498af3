"""The contracts that ship for well-known exports: a small messy export of each, and the rows that it must become.

The exports lie in `fixtures/<source>/`; they were made for these tests. The rows were worked out by hand.
"""

import datetime
import hashlib
import json
from decimal import Decimal
from pathlib import Path

from tests.ingestion.helpers import DAY, Landing, files_of

BEFORE = DAY - datetime.timedelta(days=1)
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


def table(landing: Landing, name: str = "user_events", day: datetime.date = DAY) -> list[dict]:
    """The rows of a day, in their order, without what is null or comes from the load."""
    with landing.connection, landing.connection.cursor() as cursor:
        cursor.execute(f"select * from raw.{name} where load_date = %s order by file_no, line_no", (day,))
        columns = [each.name for each in cursor.description]
        return [
            {
                column: _plain(value)
                for column, value in zip(columns, row, strict=True)
                if value is not None and column not in OF_THE_LOAD
            }
            for row in cursor.fetchall()
        ]


def rows(landing: Landing, name: str = "user_events", day: datetime.date = DAY) -> dict[int, dict]:
    """The rows of a day's one file by the number of the line."""
    found = table(landing, name, day)
    by_line = {row.pop("line_no"): row for row in found}
    assert len(by_line) == len(found), "there are several files"
    return by_line


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
    assert load(landing, "segment", "calls-0001.json") == [("calls-0001.json", 19, 14, 1, 4)]
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
                "title": "Häuser & Gärten",
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
                "price": 44.95,
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
            properties={"type": "track", "cart_id": "k1"},
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
                "revenue": 80,
                "products": [{"product_id": "4711", "quantity": 2}],
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
                "title": "日本の朝",
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
            properties={"type": "track", "groesse": "M"},
        ),
        **{
            line: event("identify", "custom", f"2026-03-02 {at}", event_id=f"ajs-{number}", is_activity=False, **who)
            for line, number, at, who in (
                (17, 10, "13:00:00", {"user_id": "segment:C-7"}),
                (18, 11, "13:01:00", {"user_id": "segment:C-7"}),
                (19, 12, "13:02:00", {"anonymous_id": "segment:v-42"}),
            )
        },
    }
    assert differences(rows(landing), expected) == {}
    known = {"user_id": "segment:C-7", "op": "upsert", "email": "ada@example.org", "signup_at": "2026-03-01 10:00:00"}
    changes = {
        2: {
            **known,
            "changed_at": "2026-03-02 08:01:00",
            "full_name": "Ada Ångström",
            "city": "Graz",
            "country": "AT",
            "language": "de",
            "plan": "annual",
            "properties": {"address": {"country": "Austria"}},
        },
        17: {
            **known,
            "changed_at": "2026-03-02 13:00:00",
            "full_name": "Ada Lovelace",
            "plan": "free",
        },
    }
    assert differences(rows(landing, "user_changes"), changes) == {}


def parameters(**values) -> list[dict]:
    """A GA4 array of parameters: name to (kind, value)."""
    return [{"key": key, "value": {f"{kind}_value": value}} for key, (kind, value) in values.items()]


def of_parameters(*entries: dict) -> str:
    """What an id of GA4 holds of the parameters; the text of the JSON was written by hand."""
    return hashlib.sha256(f"[{','.join(entries)}]".encode()).hexdigest()


def test_ga4(landing: Landing):
    assert load(landing, "ga4", "events_20260302.json") == [("events_20260302.json", 14, 10, 1, 3)]
    assert landing.codes() == [(7, "missing_value"), (8, "malformed_json"), (12, "ancient_timestamp")]
    batch = {"event_date": "20260302"}
    visit = {"anonymous_id": "ga4:11.22", "session_id": "ga4:11.22.1772438390", "is_producer_session": True}
    session, currency = '{"key":"ga_session_id","value":{"int_value":1772438390}}', '{"string_value":"eur"}'
    hashes = [
        of_parameters(
            session, f'{{"key":"currency","value":{currency}}}', f'{{"key":"value","value":{{"double_value":{value}}}}}'
        )
        for value in ("44.95", "9.5")
    ]
    location = "https://shop.example/Gärten?utm_source=brief"
    expected = {
        1: event(
            "page_view",
            "page_view",
            "2026-03-02 08:00:00.000001",
            event_id="11.22.1772438400000001.page_view.1.1.1",
            **visit,
            platform="web",
            country="AT",
            language="de",
            device_type="desktop",
            os="Windows",
            browser="Chrome",
            page_path="/Gärten",
            referrer="https://www.google.at/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                **batch,
                "event_params": parameters(page_location=("string", location), page_title=("string", "Gärten")),
                "device": {"category": "desktop", "language": "de-at"},
                "geo": {"country": "Austria", "city": "Graz"},
            },
        ),
        3: event(
            "page_view",
            "page_view",
            "2026-03-02 08:00:00.000001",
            event_id="11.22.1772438400000001.page_view.1.1.2",
            **visit,
            platform="web",
            page_path="/",
            properties={
                **batch,
                "event_params": parameters(page_location=("string", "https://shop.example/")),
            },
        ),
        4: event(
            "view_item",
            "product_view",
            "2026-03-02 08:01:00",
            event_id=f"11.22.1772438460000000.view_item.{hashes[0]}",
            **visit,
            platform="web",
            product_id="ga4:A-1",
            quantity=1,
            currency="EUR",
            properties={
                **batch,
                "event_params": parameters(value=("double", 44.95)),
                "items": [{"item_id": "A-1", "item_name": "Rosenschere"}],
            },
        ),
        5: event(
            "view_item",
            "product_view",
            "2026-03-02 08:01:00",
            event_id=f"11.22.1772438460000000.view_item.{hashes[1]}",
            **visit,
            platform="web",
            currency="EUR",
            properties={
                **batch,
                "event_params": parameters(value=("double", 9.5)),
                "items": [{"item_id": "(not set)"}],
            },
        ),
        6: event(
            "purchase",
            "purchase",
            "2026-03-02 08:02:00.500000",
            event_id="11.22.1772438520500000.purchase.1.2.1",
            user_id="ga4:C-7",
            **visit,
            platform="web",
            order_id="ga4:T-1",
            quantity=3,
            amount="54.45",
            currency="EUR",
            properties={
                **batch,
                "event_params": parameters(value=("double", 50)),
                "ecommerce": {"transaction_id": "T-1", "purchase_revenue_in_usd": 60.01},
                "items": [{"item_id": "A-1", "quantity": "1"}, {"item_id": "A-2", "quantity": "2"}],
            },
        ),
        9: event(
            "screen_view",
            "page_view",
            "2026-03-02 09:00:00",
            event_id="f00d.1772442000000000.screen_view.1.1.1",
            user_id="ga4:C-8",
            anonymous_id="ga4:f00d",
            session_id="ga4:f00d.1772441990",
            is_producer_session=True,
            platform="android",
            app_version="5.2.1",
            country="TR",
            language="tr",
            device_type="mobile",
            os="Android",
            properties={
                **batch,
                "event_params": parameters(firebase_screen=("string", "Başlangıç")),
                "device": {"category": "mobile", "language": "tr-tr"},
                "geo": {"country": "Türkiye"},
            },
        ),
        10: event(
            "video_start",
            "content_start",
            "2026-03-02 09:01:00",
            event_id="33.44.1772442060000000.video_start.1.1.1",
            anonymous_id="ga4:33.44",
            platform="web",
            content_id="ga4:https://v.example/1",
            device_type="tv",
            utm_source="tv",
            utm_medium="banner",
            utm_campaign="Frühling",
            properties={
                **batch,
                "event_params": parameters(video_duration=("int", "60")),
                "device": {"category": "smart tv"},
            },
        ),
        11: event(
            "refund",
            "refund",
            "2026-03-02 09:02:00",
            event_id="C-7.1772442120000000.refund.1.1.1",
            user_id="ga4:C-7",
            is_activity=False,
            platform="web",
            amount="9.50",
            currency="EUR",
            properties={
                **batch,
                "ecommerce": {"transaction_id": "(not set)"},
                "geo": {"country": "(not set)"},
            },
        ),
        13: event(
            "app_remove",
            "custom",
            "2026-03-02 09:03:00",
            event_id="f00d.1772442180000000.app_remove.1.9.1",
            anonymous_id="ga4:f00d",
            is_activity=False,
            platform="android",
            properties={**batch, "event_params": []},
        ),
        14: event(
            "web_vitals",
            "custom",
            "2026-03-02 09:04:00",
            event_id="33.44.1772442240000000.web_vitals.1.2.1",
            anonymous_id="ga4:33.44",
            platform="web",
            properties={**batch, "event_params": parameters(value=("string", "gut"))},
        ),
    }
    assert differences(rows(landing), expected) == {}


def test_ga4_flat(landing: Landing):
    assert load(landing, "ga4_flat", "event_data.csv") == [("event_data.csv", 7, 3, 1, 3)]
    assert landing.codes() == [(6, "missing_value"), (7, "unparsable_timestamp"), (8, "column_count")]
    session = {"session_id": "ga4:77.88.1772409590", "is_producer_session": True, "anonymous_id": "ga4:77.88"}
    engaged = {"param_session_engaged": "1", "param_session_engaged (2)": "true"}
    zeros = dict.fromkeys(
        (
            "ecommerce_purchase_revenue_in_usd",
            "ecommerce_refund_value_in_usd",
            "ecommerce_total_item_quantity",
        ),
        "0",
    )
    expected = {
        2: event(
            "page_view",
            "page_view",
            "2026-03-01 23:59:59.500000",
            event_id="aZ1=",
            **session,
            platform="web",
            device_type="desktop",
            page_path="/a,b",
            properties={
                **engaged,
                **zeros,
                "_fivetran_synced": "2026-03-02 06:00:00",
                "date": "2026-03-01",
                "device_category": "desktop",
                "geo_country": "Österreich",
                "param_page_location": "https://shop.example/a,b?x=1",
            },
        ),
        3: event(
            "purchase",
            "purchase",
            "2026-03-01 23:59:59.500000",
            event_id="aZ2=",
            user_id="ga4:C-7",
            **session,
            platform="web",
            country="AT",
            amount="60.01",
            currency="USD",
            quantity=3,
            order_id="ga4:T-1",
            device_type="desktop",
            page_path="/danke",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="Frühling, 10 %",
            properties={
                **engaged,
                "_fivetran_synced": "2026-03-02 06:00:00",
                "date": "2026-03-01",
                "device_category": "desktop",
                "geo_country": "Austria",
                "param_page_location": "https://shop.example/danke",
                "ecommerce_purchase_revenue_in_usd": "60.01",
                "ecommerce_refund_value_in_usd": "0",
                "ecommerce_total_item_quantity": "3",
                "ecommerce_transaction_id": "T-1",
            },
        ),
        5: event(
            "refund",
            "refund",
            "2026-03-02 01:00:00",
            event_id="aZ3=",
            user_id="ga4:C-7",
            is_activity=False,
            platform="web",
            country="GB",
            amount="10.50",
            currency="USD",
            device_type="tv",
            properties={
                **zeros,
                "_fivetran_synced": "2026-03-02 06:00:00",
                "date": "2026-03-02",
                "device_category": "smart tv",
                "geo_country": "UK",
                "ecommerce_refund_value_in_usd": "10.5",
                "ecommerce_transaction_id": "(not set)",
            },
        ),
    }
    assert differences(rows(landing), expected) == {}


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_mixpanel(landing: Landing):
    assert load(landing, "mixpanel", "export.ndjson") == [("export.ndjson", 8, 4, 1, 3)]
    assert landing.codes() == [(6, "missing_value"), (7, "unparsable_timestamp"), (8, "not_an_object")]
    device, ada = {"anonymous_id": "mixpanel:d-1"}, {"user_id": "mixpanel:C-7"}
    expected = {
        1: event(
            "$mp_web_page_view",
            "page_view",
            "2026-03-02 08:00:00",
            event_id=hashed("$mp_web_page_view|1772438400|$device:d-1|i1"),
            **device,
            platform="web",
            country="DE",
            device_type="desktop",
            os="Mac OS X",
            browser="Safari",
            page_path="/Gärten",
            referrer="https://www.google.de/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                "$insert_id": "i1",
                "$current_url": "https://shop.example/Gärten?x=1",
                "distinct_id": "$device:d-1",
                "mp_country_code": "DE",
                "mp_lib": "web",
            },
        ),
        2: event(
            "Größe gewählt",
            "custom",
            "2026-03-02 08:01:00",
            event_id=hashed("Größe gewählt|1772438460|C-7|i2"),
            **device,
            **ada,
            platform="ios",
            app_version="5.2",
            device_type="tablet",
            os="iOS",
            properties={
                "$insert_id": "i2",
                "$model": "iPad13,1",
                "mp_lib": "swift",
                "Größe": "M",
                "distinct_id": "C-7",
            },
        ),
        # The same insert id at another time is another event.
        4: event(
            "Größe gewählt",
            "custom",
            "2026-03-02 08:02:00",
            event_id=hashed("Größe gewählt|1772438520|C-7|i2"),
            **ada,
            properties={"$insert_id": "i2", "distinct_id": "C-7"},
        ),
        5: event(
            "$identify",
            "custom",
            "2026-03-02 08:02:10",
            event_id=hashed("$identify|1772438530|C-7|i3"),
            **device,
            **ada,
            is_activity=False,
            properties={"$insert_id": "i3", "distinct_id": "C-7"},
        ),
    }
    assert differences(rows(landing), expected) == {}


def test_mixpanel_as_fivetran_lands_it(landing: Landing):
    assert load(landing, "mixpanel", "event.csv") == [("event.csv", 4, 2, 1, 1)]
    assert landing.codes() == [(5, "missing_value")]
    expected = {
        2: event(
            "plays",
            "custom",
            "2026-03-02 08:00:00",
            event_id=hashed("plays|2026-03-02 08:00:00|$device:d-2|i1"),
            anonymous_id="mixpanel:d-2",
            country="AT",
            os="Android",
            utm_source="tv",
            properties={
                "_fivetran_id": "f1",
                "distinct_id": "$device:d-2",
                "insert_id": "i1",
                "mp_country_code": "AT",
                "title": "日本の朝",
            },
        ),
        3: event(
            "plays",
            "custom",
            "2026-03-02 08:00:01",
            event_id=hashed("plays|2026-03-02 08:00:01|C-8|i1"),
            user_id="mixpanel:C-8",
            anonymous_id="mixpanel:d-2",
            device_type="desktop",
            os="Windows",
            properties={"_fivetran_id": "f2", "distinct_id": "C-8", "insert_id": "i1"},
        ),
    }
    assert differences(rows(landing), expected) == {}


def test_amplitude(landing: Landing):
    name = "187520_2026-03-02_8#1.json"
    assert load(landing, "amplitude", name) == [(name, 8, 4, 1, 3)]
    assert landing.codes() == [(6, "missing_value"), (7, "missing_value"), (8, "unparsable_timestamp")]
    ada = {"user_id": "amplitude:C-7", "anonymous_id": "amplitude:d-2"}
    expected = {
        1: event(
            "[Amplitude] Page Viewed",
            "page_view",
            "2026-03-02 08:00:00.123000",
            event_id="u1",
            anonymous_id="amplitude:d-1",
            session_id="amplitude:d-1.1772438400000",
            is_producer_session=True,
            platform="web",
            country="DE",
            language="de",
            device_type="desktop",
            os="Windows",
            browser="Chrome",
            page_path="/Gärten",
            referrer="https://www.google.de/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                "$insert_id": "i1",
                "os_name": "Chrome",
                "os_version": "120",
                "device_family": "Windows",
                "device_type": "Windows",
                "country": "Germany",
                "language": "German",
                "session_id": 1772438400000,
            },
        ),
        2: event(
            "revenue_amount",
            "purchase",
            "2026-03-02 08:01:00",
            event_id="u2",
            **ada,
            session_id="amplitude:d-2.1772438400000",
            is_producer_session=True,
            platform="ios",
            app_version="5.2",
            product_id="amplitude:A-1",
            amount="19.90",
            currency="EUR",
            quantity=2,
            country="CI",
            language="fr",
            device_type="tablet",
            os="ios",
            properties={
                "$insert_id": "i2",
                "$price": 9.95,
                "os_name": "ios",
                "device_family": "Apple iPad",
                "country": "CI",
                "country (2)": "Côte d'Ivoire",
                "language": "French",
                "session_id": 1772438400000,
            },
        ),
        4: event(
            "session_end",
            "custom",
            "2026-03-02 08:02:00",
            event_id="u3",
            **ada,
            is_activity=False,
            platform="android",
            device_type="mobile",
            os="android",
            properties={"os_name": "android", "session_id": -1},
        ),
        5: event(
            "[Amplitude] Application Backgrounded",
            "custom",
            "2026-03-02 08:02:30",
            event_id="u4",
            user_id="amplitude:C-7",
            is_activity=False,
            properties={"session_id": 1772438400000},
        ),
    }
    assert differences(rows(landing), expected) == {}


def test_amplitude_as_fivetran_lands_it(landing: Landing):
    assert load(landing, "amplitude", "event.csv") == [("event.csv", 3, 3, 0, 0)]
    person = {"user_id": "amplitude:C-8", "anonymous_id": "amplitude:d-3"}
    expected = {
        2: event(
            "watch",
            "custom",
            "2026-03-02 09:00:00.500000",
            event_id="u7",
            **person,
            session_id="amplitude:d-3.1772442000000",
            is_producer_session=True,
            country="US",
            properties={"session_id": "1772442000000", "country": "United States", "title": "日本の朝"},
        ),
        3: event(
            "watch",
            "custom",
            "2026-03-02 09:01:00",
            event_id="u8",
            **person,
            properties={"session_id": "-1", "country": "Nirgendwo"},
        ),
        4: event("watch", "custom", "2026-03-02 09:01:00", event_id="u1", **person, properties={"session_id": "-1"}),
    }
    assert differences(rows(landing), expected) == {}


def test_blinkist_on_mobile_and_on_the_web(landing: Landing):
    found = [
        *load(landing, "blinkist_mobile", "mobile_events.csv", day=BEFORE),
        *load(landing, "blinkist_web", "web_events.csv"),
    ]
    assert found == [("mobile_events.csv", 7, 3, 1, 3), ("web_events.csv", 2, 2, 0, 0)]
    assert landing.query("select line_no, error_code, derived_kind from ops.quarantine order by 1, 3") == [
        (6, "invalid_value", ""),
        (6, "invalid_value", "items"),
        (7, "missing_value", ""),
        (8, "unparsable_timestamp", ""),
        (8, "unparsable_timestamp", "users"),
    ]
    phone = {
        "anonymous_id": "blinkist:m-1",
        "session_id": "blinkist:s-1",
        "platform": "ios",
        "app_version": "8.4.1",
        "country": "AT",
        "language": "de",
        "os": "iPhone OS",
    }
    kept = {
        "application_version_code": "841",
        "client_cognito_id": "eu:1",
        "device_locale_code": "de_AT",
        "device_locale_country": "de",
        "device_locale_language": "AT",
        "device_make": "Apple",
        "device_platform_version": "17.0",
        "event_version": "1",
    }
    expected = {
        2: event(
            "app-open",
            "app_open",
            "2026-03-02 08:00:00.250000",
            **phone,
            properties={
                **kept,
                "arrival_timestamp": "2026-03-02 08:00:02",
                "category": "lifecycle",
                "topLevelScreenName": "home",
            },
        ),
        3: event(
            "login-successful",
            "login",
            "2026-03-02 08:00:30",
            user_id="blinkist:501",
            **phone,
            properties={
                **kept,
                "arrival_timestamp": "2026-03-02 08:00:32",
                "category": "account",
                "topLevelScreenName": "home",
                "user_access_type": "free",
                "user_id": "501.0",
            },
        ),
        4: event(
            "item-started",
            "content_start",
            "2026-03-02 08:01:00",
            user_id="blinkist:501",
            content_id="blinkist:873",
            **phone,
            properties={
                **kept,
                "arrival_timestamp": "2026-03-02 08:01:02",
                "category": "reader",
                "topLevelScreenName": "reader",
                "user_access_type": "Premium",
                "user_id": "501.0",
                "item_type": "book",
                "item_title": 'Über den "Mut", neu',
            },
        ),
    }
    assert differences(without_ids(rows(landing, day=BEFORE)), expected) == {}
    expected = {
        2: event(
            "item-finished",
            "content_complete",
            "2026-03-02 12:00:00",
            user_id="blinkist:501",
            anonymous_id="blinkist:f-1",
            session_id="blinkist:w-1",
            content_id="blinkist:873",
            platform="web",
            country="AT",
            language="de",
            device_type="desktop",
            browser="Chrome",
            referrer="https://www.google.at/",
            properties={
                "arrival_timestamp": "2026-03-02 12:00:01",
                "browser_version": "120",
                "cookies_enabled": "1",
                "screen_resolution": "1440x900",
                "language": "de-AT",
                "user_id": "501",
                "user_access_type": "premium",
                "item_type": "book",
                "item_title": 'Über den "Mut", neu',
            },
        ),
        3: event(
            "item-shared",
            "custom",
            "2026-03-02 12:01:00",
            anonymous_id="blinkist:f-2",
            session_id="blinkist:w-2",
            content_id="blinkist:874",
            platform="web",
            country="FR",
            language="fr",
            device_type="mobile",
            browser="Safari",
            properties={
                "arrival_timestamp": "2026-03-02 12:01:01",
                "browser_version": "17",
                "cookies_enabled": "1",
                "screen_resolution": "390x844",
                "language": "fr",
                "item_type": "audiobook",
                "item_title": "Vélo",
            },
        ),
    }
    assert differences(without_ids(rows(landing)), expected) == {}
    plan = {"user_id": "blinkist:501", "op": "upsert"}
    assert rows(landing, "user_changes", BEFORE) == {
        3: {**plan, "changed_at": "2026-03-02 08:00:30", "plan": "free"},
        4: {**plan, "changed_at": "2026-03-02 08:01:00", "plan": "premium"},
        6: {"user_id": "blinkist:502", "op": "upsert", "changed_at": "2026-03-02 08:20:00", "plan": "premium"},
    }
    assert rows(landing, "user_changes") == {2: {**plan, "changed_at": "2026-03-02 12:00:00", "plan": "premium"}}
    book = {
        "content_id": "blinkist:873",
        "op": "upsert",
        "title": 'Über den "Mut", neu',
        "content_type": "book_text",
    }
    assert rows(landing, "content_changes", BEFORE) == {
        4: {**book, "changed_at": "2026-03-02 08:01:00"},
        7: {
            "content_id": "blinkist:874",
            "op": "upsert",
            "title": "Nobody",
            "content_type": "podcast_episode",
            "changed_at": "2026-03-02 08:21:00",
        },
    }
    assert rows(landing, "content_changes") == {
        2: {**book, "changed_at": "2026-03-02 12:00:00"},
        3: {
            "content_id": "blinkist:874",
            "op": "upsert",
            "title": "Vélo",
            "content_type": "book_audio",
            "changed_at": "2026-03-02 12:01:00",
        },
    }


def without_ids(found: dict) -> dict:
    """Rows whose ids are hashes of their content: they are there, and all different."""
    ids = [row.pop("event_id") for row in found.values()]
    assert len({*ids}) == len(ids) and all(len(one) == 32 for one in ids)
    return found


def test_shopify(landing: Landing):
    names = ("shopify_customers.csv", "shopify_order_lines.csv", "shopify_orders.csv", "shopify_products.csv")
    for name in names:
        landing.put(name, (FIXTURES / "shopify" / "first" / name).read_bytes(), source="shopify", day=BEFORE)
    loaded = landing.load_and_publish(BEFORE)
    assert files_of(loaded) == [
        ("shopify_customers.csv", 3, 2, 0, 1),
        ("shopify_order_lines.csv", 2, 0, 0, 0),
        ("shopify_orders.csv", 7, 2, 1, 3),
        ("shopify_products.csv", 2, 2, 0, 0),
    ]
    assert [file.skipped for file in loaded.files] == [0, 2, 1, 0]
    assert landing.codes() == [(4, "missing_value"), (6, "invalid_value"), (7, "missing_value"), (8, "missing_value")]
    expected = {
        2: event(
            "order",
            "purchase",
            "2026-03-01 10:00:30",
            event_id="order:9001",
            user_id="shopify:C-7",
            anonymous_id="shopify:order-9001",
            order_id="shopify:9001",
            amount="19.90",
            currency="EUR",
            platform="web",
            referrer="https://www.google.at/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                "created_at": "2026-03-01 10:00:00",
                "financial_status": "paid",
                "order_number": "1",
                "total_tax": "3.17",
            },
        ),
        4: event(
            "order",
            "purchase",
            "2026-03-01 11:00:00",
            event_id="order:9002",
            anonymous_id="shopify:order-9002",
            order_id="shopify:9002",
            amount="0.00",
            currency="EUR",
            platform="pos",
            properties={"financial_status": "paid", "order_number": "2", "total_tax": "0"},
        ),
    }
    assert differences(rows(landing, day=BEFORE), expected) == {}
    assert rows(landing, "user_changes", BEFORE) == {
        2: {
            "user_id": "shopify:C-7",
            "changed_at": "2026-02-01 09:00:00",
            "op": "upsert",
            "email": "ada@example.org",
            "full_name": "Ada Ångström",
            "country": "AT",
            "signup_at": "2026-01-05 08:00:00",
            "properties": {"country_code": "AT", "phone": "+43 1 1"},
        },
        3: {
            "user_id": "shopify:C-8",
            "changed_at": "2026-02-05 08:00:00",
            "op": "upsert",
            "full_name": "Müller",
            "country": "GB",
            "signup_at": "2026-02-05 08:00:00",
            "properties": {"country_code": "UK"},
        },
    }
    for name in ("shopify_orders.csv", "shopify_products.csv", "shopify_refunds.csv"):
        landing.put(name, (FIXTURES / "shopify" / "second" / name).read_bytes(), source="shopify")
    assert files_of(landing.load_and_publish()) == [
        ("shopify_orders.csv", 1, 1, 0, 0),
        ("shopify_products.csv", 1, 1, 0, 0),
        ("shopify_refunds.csv", 3, 1, 0, 2),
    ]
    expected = {
        "order": event(
            "order",
            "purchase",
            "2026-03-01 12:00:00",
            event_id="order:9003",
            user_id="shopify:C-8",
            anonymous_id="shopify:order-9003",
            order_id="shopify:9003",
            amount="10.00",
            currency="EUR",
            properties={"financial_status": "paid"},
        ),
        "refund": event(
            "refund",
            "refund",
            "2026-03-02 09:00:00",
            event_id="refund:9001",
            anonymous_id="shopify:order-9001",
            is_activity=False,
            order_id="shopify:9001",
            amount="9.95",
            properties={"reason": "Größe"},
        ),
    }
    assert differences({row["event_name"]: row for row in table(landing) if row.pop("line_no") == 2}, expected) == {}
    (product,) = table(landing, "product_changes")
    assert product == {
        "line_no": 2,
        "product_id": "shopify:A-1",
        "changed_at": "2026-01-01 00:00:00",
        "op": "upsert",
        "name": "Rosenschere",
        "category": "Garten",
        "price": "11.95",
        "currency": "EUR",
        "properties": {"status": "active"},
        "extract_of": "products",
        "extracted_at": "2026-03-02 00:00:00",
    }


def test_snowplow(landing: Landing):
    assert load(landing, "snowplow", "enriched.tsv") == [("enriched.tsv", 10, 6, 1, 3)]
    assert landing.codes() == [(8, "missing_value"), (9, "unparsable_timestamp"), (10, "column_count")]
    found = rows(landing)
    contexts = {
        line: [each["data"] for each in json.loads(row["properties"].pop("contexts"))["data"]]
        for line, row in found.items()
        if "contexts" in row["properties"]
    }
    assert contexts[5][0] == {"transaction_id": "T-1", "revenue": 29.85, "currency": "eur", "total_quantity": 3}
    assert [len(contexts[line]) for line in contexts] == [1, 3, 3]
    details = {
        line: json.loads(row["properties"].pop("unstruct_event"))["data"]["data"]
        for line, row in found.items()
        if "unstruct_event" in row["properties"]
    }
    assert details == {4: {"type": "product_view"}, 5: {"type": "transaction"}, 6: {"name": "Hörbücher"}}
    web = {
        "anonymous_id": "snowplow:d-1",
        "session_id": "snowplow:s-1",
        "is_producer_session": True,
        "platform": "web",
        "user_agent": CHROME,
        "device_type": "desktop",
        "os": "Windows",
        "browser": "Chrome",
    }
    received = {"app_id": "shop", "collector_tstamp": "2026-03-02 08:00:05.000"}
    commerce = {"app_id": "shop", "event": "unstruct", "event_name": "snowplow_ecommerce_action"}
    expected = {
        1: event(
            "page_view",
            "page_view",
            "2026-03-02 08:00:00.123000",
            event_id="e1",
            **web,
            country="AT",
            language="de",
            page_path="/Gärten",
            referrer="https://www.google.at/",
            utm_source="brief",
            utm_medium="email",
            utm_campaign="März",
            properties={
                **received,
                "br_lang": "de-AT",
                "geo_country": "AT",
                "page_url": "https://shop.example/Gärten?x=1",
            },
        ),
        2: event(
            "Größe|gewählt",
            "custom",
            "2026-03-02 08:01:00",
            event_id="e2",
            **web,
            properties={
                **received,
                "event": "struct",
                "event_name": "event",
                "se_category": "Größe",
                "se_action": "gewählt",
                "se_label": 'a "b"',
            },
        ),
        4: event(
            "product_view",
            "product_view",
            "2026-03-02 08:00:05",
            event_id="e3",
            user_id="snowplow:C-7",
            **web,
            product_id="snowplow:A-1",
            properties=commerce,
        ),
        # It is about two products, and so about neither.
        5: event(
            "transaction",
            "purchase",
            "2026-03-02 08:03:00",
            event_id="e4",
            user_id="snowplow:C-7",
            **web,
            order_id="snowplow:T-1",
            amount="29.85",
            currency="EUR",
            quantity=3,
            properties={**commerce, **received},
        ),
        6: event(
            "screen_view",
            "page_view",
            "2026-03-02 08:05:00",
            event_id="e5",
            anonymous_id="snowplow:m-1",
            session_id="snowplow:ms-1",
            is_producer_session=True,
            platform="ios",
            app_version="5.2",
            device_type="mobile",
            os="iOS",
            properties={"app_id": "app", "event": "unstruct", "dvce_type": "Mobile", "platform": "mob"},
        ),
        7: event(
            "transaction",
            "purchase",
            "2026-03-02 09:00:00",
            event_id="e6",
            user_id="snowplow:C-8",
            order_id="snowplow:T-2",
            amount="10.00",
            currency="EUR",
            platform="srv",
            properties={"app_id": "shop"},
        ),
    }
    assert differences(found, expected) == {}


def test_community(landing: Landing):
    def of_day(name: str, day: datetime.date) -> list[tuple[str, int, int, int, int]]:
        for path in sorted((FIXTURES / "community" / name).iterdir()):
            landing.put(path.name, path.read_bytes(), source="community", day=day)
        return files_of(landing.load_and_publish(day))

    assert of_day("first", BEFORE) == [
        ("events-01.csv", 10, 5, 1, 4),
        ("posts.csv", 2, 2, 0, 0),
        ("users.csv", 3, 2, 0, 1),
    ]
    assert of_day("second", DAY) == [("posts.csv", 1, 1, 0, 0), ("users.csv", 2, 2, 0, 0)]
    held_back = landing.query(
        "select split_part(path, '/', 3), line_no, error_code, derived_kind from ops.quarantine order by 1, 2, 4"
    )
    assert held_back == [
        ("events-01.csv", 7, "missing_value", ""),
        ("events-01.csv", 8, "missing_value", ""),
        ("events-01.csv", 10, "unparsable_timestamp", ""),
        ("events-01.csv", 11, "column_count", ""),
        ("users.csv", 4, "missing_value", ""),
        ("users.csv", 4, "missing_value", "creators"),
    ]
    ada, post = {"user_id": "community:7"}, {"content_id": "community:p1"}
    expected = {
        2: event(
            "view",
            "content_view",
            "2026-03-01 08:00:00",
            event_id="1",
            anonymous_id="community:v-1",
            **post,
            platform="web",
            country="AT",
            properties={"country": "Austria"},
        ),
        3: event(
            "View",
            "content_view",
            "2026-03-01 08:01:00",
            event_id="2",
            **ada,
            anonymous_id="community:v-1",
            **post,
            platform="ios",
            country="AT",
            properties={"country": "AT"},
        ),
        4: event("like", "like", "2026-03-01 08:02:00", event_id="3", **ada, **post, platform="ios"),
        6: event("unlike", "unlike", "2026-03-01 07:03:00", event_id="4", **ada, **post),
        9: event(
            "share",
            "custom",
            "2026-03-01 08:06:00",
            event_id="7",
            user_id="community:8",
            content_id="community:p2",
            platform="web",
            properties={"country": "Nirgendwo"},
        ),
    }
    assert differences(rows(landing, day=BEFORE), expected) == {}

    def of_extract(name: str, day: str) -> dict:
        return {"extract_of": name, "extracted_at": f"{day} 00:00:00"}

    ada = {
        "user_id": "community:7",
        "op": "upsert",
        "email": "ada@example.org",
        "country": "AT",
        "language": "de",
        "signup_at": "2026-01-01 10:00:00",
        "properties": {"country": "Austria", "language": "de-AT"},
    }
    yamada = {
        "user_id": "community:8",
        "full_name": "山田",
        "country": "JP",
        "language": "ja",
        "signup_at": "2026-01-02 10:00:00",
        "properties": {"country": "JP", "language": "Japanese"},
    }
    first, second = of_extract("users", "2026-03-01"), of_extract("users", "2026-03-02")
    expected = {
        2: {**ada, "changed_at": "2026-01-01 10:00:00", "full_name": "Ångström, Ada", **first},
        3: {**yamada, "changed_at": "2026-02-01 10:00:00", "op": "upsert", **first},
    }
    assert differences(rows(landing, "user_changes", BEFORE), expected) == {}
    gone = yamada | {
        "changed_at": "2026-03-01 13:00:00",
        "op": "delete",
        "properties": {**yamada["properties"], "updated_at": "2026-02-01 10:00:00"},
    }
    expected = {2: {**ada, "changed_at": "2026-03-01 12:00:00", "full_name": "Ada", **second}, 3: {**gone, **second}}
    assert differences(rows(landing, "user_changes"), expected) == {}

    member = {"creator_id": "community:8", "name": "山田", "country": "JP", "creator_type": "member"}
    member |= {"op": "delete", "changed_at": "2026-03-01 13:00:00", **of_extract("creators", "2026-03-02")}
    assert rows(landing, "creator_changes")[3] == member

    rose = {
        "content_id": "community:p1",
        "changed_at": "2026-02-01 10:00:00",
        "op": "upsert",
        "content_type": "post",
        "title": "Über Rosen",
        "topic": "Garten",
        "creator_id": "community:7",
        "language": "de",
        "released_at": "2026-02-01 10:00:00",
        "properties": {"language": "de"},
    }
    lines = {
        "content_id": "community:p2",
        "changed_at": "2026-02-03 10:00:00",
        "op": "upsert",
        "content_type": "post",
        "title": "Zwei\nZeilen",
        "creator_id": "community:8",
        "released_at": "2026-02-02 10:00:00",
    }
    first, second = of_extract("posts", "2026-03-01"), of_extract("posts", "2026-03-02")
    assert differences(rows(landing, "content_changes", BEFORE), {2: {**rose, **first}, 3: {**lines, **first}}) == {}
    assert differences(rows(landing, "content_changes"), {2: {**rose, **second}}) == {}


def test_klaviyo(landing: Landing):
    header = (
        "event_id,profile_id,email,event_name,event_at,event_value,campaign_id,flow_id,message_id,attributed_order_id"
    )
    landing.put(
        "klaviyo_events.csv",
        f"""{header}
ke_1,kp_1,ada@example.org,Received Email,2026-03-01 09:00:00,0.00,camp_1,,m_1,
ke_2,kp_1,ada@example.org,Clicked Email,2026-03-01 09:05:00,0.00,camp_1,,m_1,
ke_3,kp_1,ada@example.org,Started Checkout,2026-03-01 09:10:00,0.00,,,,
ke_4,kp_1,ada@example.org,Placed Order,2026-03-01 09:12:00,76.00,camp_1,,m_1,1001
""".encode(),
        source="klaviyo",
    )
    landing.put(
        "klaviyo_profiles.csv",
        b"profile_id,email,created_at,accepts_marketing,country_code\n"
        b"kp_1,ada@example.org,2026-01-28 09:50:00,true,at\n",
        source="klaviyo",
    )
    loaded = landing.load_and_publish()
    assert files_of(loaded) == [("klaviyo_events.csv", 4, 4, 0, 0), ("klaviyo_profiles.csv", 1, 1, 0, 0)]
    events = landing.query(
        "select event_id, event_type, event_name, is_activity, amount, order_id, properties"
        " from raw.user_events order by event_id"
    )
    sent = {"campaign_id": "camp_1", "event_value": "0.00", "message_id": "m_1"}
    assert events == [
        ("ke_1", "custom", "Received Email", False, None, None, sent),
        ("ke_2", "custom", "Clicked Email", True, None, None, sent),
        ("ke_3", "checkout_start", "Started Checkout", True, None, None, {"event_value": "0.00"}),
        ("ke_4", "custom", "Placed Order", False, None, "klaviyo:1001", {**sent, "event_value": "76.00"}),
    ]
    profile = landing.query("select user_id, email, country, signup_at::date, properties from raw.user_changes")
    assert profile == [
        ("klaviyo:kp_1", "ada@example.org", "AT", datetime.date(2026, 1, 28), {"accepts_marketing": "true"})
    ]
