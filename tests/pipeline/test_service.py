"""The audit of staged days rejects the days that fail, and no others; audits that wait are done together."""

import datetime
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import validation.service
from ingestion.warehouse import Warehouse
from pipeline.service import audit_staged
from tests.ingestion.helpers import DAY, Landing, event
from validation.engine import Finding
from validation.service import AuditReport, audit_day, audit_days

BEFORE, AFTER = DAY - datetime.timedelta(days=1), DAY + datetime.timedelta(days=1)


def test_of_days_in_any_order_the_one_that_fails_is_rejected(landing: Landing, warehouse: Warehouse):
    stage_three_days(landing)
    reports = list(audit_staged(warehouse, [AFTER, DAY, BEFORE]))
    assert [(report.load_date, report.success) for report in reports] == [(BEFORE, True), (DAY, False), (AFTER, True)]
    assert statuses(landing) == [(BEFORE, "staged"), (DAY, "rejected"), (AFTER, "staged")]


def test_who_audits_judges_what_else_is_staged_and_rejects_none_of_it(landing: Landing, warehouse: Warehouse):
    stage_three_days(landing)
    (report,) = audit_staged(warehouse, [BEFORE])
    assert (report.load_date, report.success) == (BEFORE, True)
    assert judged_days(landing) == [BEFORE, DAY, AFTER]
    assert statuses(landing) == [(BEFORE, "staged"), (DAY, "staged"), (AFTER, "staged")]


def test_verdicts_of_another_audit_are_taken_over(landing: Landing, warehouse: Warehouse, monkeypatch):
    stage_three_days(landing)
    alone = [findings(audit_day(warehouse, day)) for day in (DAY, AFTER)]
    monkeypatch.setattr(validation.service, "audit_days", None)  # nobody judges again
    assert [findings(report) for report in audit_staged(warehouse, [DAY, AFTER])] == alone
    assert statuses(landing) == [(BEFORE, "staged"), (DAY, "rejected"), (AFTER, "staged")]


def test_a_day_is_judged_again_when_it_was_staged_again(landing: Landing, warehouse: Warehouse):
    stage_three_days(landing)
    assert not audit_day(warehouse, DAY).success
    landing.events(event(1, ts=f"{DAY}T07:00:00Z"))
    landing.load(DAY)
    (report,) = audit_staged(warehouse, [DAY])
    assert report.success


def test_a_day_is_judged_again_when_that_is_asked_for(landing: Landing, warehouse: Warehouse):
    stage_three_days(landing)
    audit_day(warehouse, BEFORE)
    with landing.connection, landing.connection.cursor() as cursor:
        cursor.execute("update ops.validation_result set message = 'of before'")
    for anew, kept in ((False, True), (True, False)):
        (report,) = audit_staged(warehouse, [BEFORE], anew=anew)
        assert ("of before" in {finding.message for finding in report.findings}) == kept


def test_who_waits_for_an_audit_takes_its_verdict(landing: Landing, warehouse: Warehouse, monkeypatch):
    stage_three_days(landing)
    audits, waits = [], threading.Event()

    def slow_audit(*args, **kwargs):
        audits.append(args)
        waits.set()
        while not landing.query("select from pg_locks where locktype = 'advisory' and not granted"):
            time.sleep(0.01)
        return audit_days(*args, **kwargs)

    monkeypatch.setattr(validation.service, "audit_days", slow_audit)
    with ThreadPoolExecutor() as pool:
        first = pool.submit(lambda: list(audit_staged(warehouse, [BEFORE])))
        waits.wait(10)
        second = pool.submit(lambda: list(audit_staged(warehouse, [AFTER])))
        assert [report.load_date for report in first.result() + second.result()] == [BEFORE, AFTER]
    assert len(audits) == 1


def stage_three_days(landing: Landing) -> None:
    """Of which the middle one fails its audit: it has no events."""
    for day in (BEFORE, AFTER):
        landing.events(event(1, ts=f"{day}T07:00:00Z"), day=day)
    landing.put("users.csv", b"user_id,changed_at,op\n")
    for day in (BEFORE, DAY, AFTER):
        landing.load(day)


def statuses(landing: Landing) -> list[tuple[datetime.date, str]]:
    return landing.query("select load_date, status from ops.load order by load_date")


def findings(report: AuditReport) -> tuple[datetime.date, str, set[Finding]]:
    return report.load_date, report.subject, set(report.findings)


def judged_days(landing: Landing) -> list[datetime.date]:
    return [day for (day,) in landing.query("select distinct load_date from ops.validation_result order by 1")]
