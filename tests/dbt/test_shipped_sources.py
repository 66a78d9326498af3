"""The sources that ship, in one warehouse: their days pass the audit, and people, content and money agree."""

import collections
import csv
import datetime
import shutil
from decimal import Decimal
from pathlib import Path

from upath import UPath

from ingestion import service
from tests.dbt.helpers import Company
from validation.service import audit_day

FIXTURES = Path(__file__).resolve().parents[1] / "ingestion" / "fixtures"
# The samples of real exports: what each becomes, as (lines read, loaded, skipped).
SAMPLES = {
    "amplitude": {"fivetran_amplitude/amplitude_event_data.csv": (10, 10, 0)},
    "ga4_flat": {"fivetran_ga4_export/event_data.csv": (6, 6, 0)},
    "mixpanel": {"fivetran_mixpanel/event.csv": (5, 5, 0)},
    "shopify": {
        "amanimulira_d2c/shopify_customers.csv": (10, 10, 0),
        "amanimulira_d2c/shopify_order_lines.csv": (35, 0, 35),
        "amanimulira_d2c/shopify_orders.csv": (30, 30, 0),
        "amanimulira_d2c/shopify_products.csv": (8, 8, 0),
        "amanimulira_d2c/shopify_refunds.csv": (3, 3, 0),
    },
}
PEOPLE = {  # file: the columns of the time and of the person
    "fivetran_amplitude/amplitude_event_data.csv": ("event_time", "user_id"),
    "fivetran_ga4_export/event_data.csv": ("timestamp", "user_id"),
    "fivetran_mixpanel/event.csv": ("time", "distinct_id"),
    "amanimulira_d2c/shopify_orders.csv": ("processed_at", "customer_id"),
}
DAYS = [datetime.date(2026, 3, 1), datetime.date(2026, 3, 2)]


def land(landing: Path) -> None:
    """What a source landed on several days lies in folders; of the others all is of the second day."""
    for source in FIXTURES.iterdir():
        parts = {part.name: part for part in source.iterdir() if part.is_dir()} or {"second": source}
        for name, folder in parts.items():
            shutil.copytree(folder, landing / source.name / str(DAYS[name == "second"]))


def test_all_of_them_together(company: Company):
    land(company.landing)
    for day in reversed(DAYS):
        service.load_day(company.connection, UPath(company.landing), day)
        report = audit_day(company.warehouse, day)
        assert report.failures == [], str(report)
        print(report)
        service.publish_day(company.connection, day)
        company.build()

    events = company.query("select count(*), count(distinct (source, event_id)) from core.fact_user_events")
    loaded = company.query("select sum(loaded) from ops.file_load where path !~ '(users|customers|products|posts)'")
    assert events == [(loaded[0][0], loaded[0][0])]

    # A refund names an order and no customer, and is that of the customer who ordered.
    assert company.query(
        "select person_id, amount::text from core.fact_user_events where source = 'shopify' and event_type = 'refund'"
    ) == [("user:shopify:C-7", "9.95")]
    # What somebody saw before logging in is theirs; a cookie of another tool is somebody else.
    assert company.query(
        "select distinct source, person_id from core.fact_user_events where anonymous_id in"
        " ('segment:v-41', 'mixpanel:d-1', 'ga4:11.22', 'community:v-1') order by 1"
    ) == [
        ("community", "user:community:7"),
        ("ga4", "user:ga4:C-7"),
        ("mixpanel", "user:mixpanel:C-7"),
        ("segment", "user:segment:C-7"),
    ]
    # One item of the apps and of the web is one piece of content, with one history.
    assert company.query(
        "select content.title, count(distinct event.source), count(distinct event.content_key)"
        " from core.fact_user_events as event"
        " inner join core.dim_content as content on event.content_key = content.content_key"
        " where event.content_id = 'blinkist:873' group by 1"
    ) == [('Über den "Mut", neu', 2, 1)]
    # GA4's own session, with all that happened in it.
    assert company.query(
        "select count(*) from core.fact_user_events where session_id = 'ga4:11.22.1772438390' and is_activity"
        " group by person_id"
    ) == [(5,)]
    # Likes are net of unlikes; a post that vanished from the extract is not known any more.
    assert company.query(
        "select content_id, title, views::int, likes::int, unlikes::int from reporting.content_totals"
        " where content_id like 'community:%' order by 1"
    ) == [("community:p1", "Über Rosen", 2, 1, 1), ("community:p2", None, 0, 0, 0)]
    assert company.differences() == {}


def records(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_samples_of_real_exports(company: Company, samples: Path):
    day = datetime.date(2026, 5, 2)
    for source, files in SAMPLES.items():
        folder = company.landing / source / str(day)
        folder.mkdir(parents=True)
        for name in files:
            shutil.copy(samples / name, folder)
    loaded = service.load_day(company.connection, UPath(company.landing), day)
    found = {file.name.rpartition("/")[2]: (file.lines_read, file.loaded, file.skipped) for file in loaded.files}
    assert found == {Path(name).name: counts for files in SAMPLES.values() for name, counts in files.items()}
    report = audit_day(company.warehouse, day)
    assert report.failures == [], str(report)
    service.publish_day(company.connection, day)
    company.build()

    active = collections.defaultdict(set)
    for name, (time, person) in PEOPLE.items():
        for record in records(samples / name):
            active[record[time][:10]].add((name, record[person]))
    dau = company.query("select activity_date::text, dau::int from reporting.engagement_daily where dau > 0")
    assert dict(dau) == {date: len(people) for date, people in active.items()}

    orders = {order["order_id"]: order for order in records(samples / "amanimulira_d2c/shopify_orders.csv")}
    paid, back = collections.Counter(), collections.Counter()
    for order in orders.values():
        paid[f"user:shopify:{order['customer_id']}"] += Decimal(order["total_price"])
    for refund in records(samples / "amanimulira_d2c/shopify_refunds.csv"):
        back[f"user:shopify:{orders[refund['order_id']]['customer_id']}"] += Decimal(refund["refund_amount"])
    for event_type, expected in (("purchase", paid), ("refund", back)):
        amounts = company.query(
            "select person_id, sum(amount) from core.fact_user_events"
            f" where source = 'shopify' and event_type = '{event_type}' group by 1"
        )
        assert dict(amounts) == expected
