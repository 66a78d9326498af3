"""The audit of staged days rejects the days that fail, and no others."""

import datetime

from ingestion.warehouse import Warehouse
from pipeline.service import audit_staged
from tests.ingestion.helpers import DAY, Landing, event

BEFORE, AFTER = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=1)


def test_of_days_in_any_order_the_one_that_fails_is_rejected(landing: Landing, warehouse: Warehouse):
    for day in (BEFORE, AFTER):
        landing.events(event(1, ts=f"{day}T07:00:00Z"), day=day)
    landing.put("users.csv", b"user_id,changed_at,op\n")  # a day without events
    for day in (BEFORE, DAY, AFTER):
        landing.load(day)
    reports = list(audit_staged(warehouse, [AFTER, DAY, BEFORE]))
    assert [(report.load_date, report.success) for report in reports] == [(BEFORE, True), (DAY, False), (AFTER, True)]
    assert landing.query("select load_date, status from ops.load order by load_date") == [
        (BEFORE, "staged"),
        (DAY, "rejected"),
        (AFTER, "staged"),
    ]
