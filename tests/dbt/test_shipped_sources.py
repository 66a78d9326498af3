"""The sources that ship, in one warehouse: their days pass the audit, and people, content and money agree."""

import datetime
import shutil
from pathlib import Path

from upath import UPath

from ingestion import service
from tests.dbt.helpers import Company
from validation.service import audit_day

FIXTURES = Path(__file__).resolve().parents[1] / "ingestion" / "fixtures"
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
