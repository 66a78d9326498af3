"""The steps of a load day that need both the loading and the audits."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date

from ingestion.service import reject_day
from ingestion.warehouse import Warehouse
from validation.service import AuditReport, audit_in_turn


def audit_staged(warehouse: Warehouse, load_dates: Sequence[date], *, anew: bool = False) -> Iterator[AuditReport]:
    """Audit what is staged for load days, and reject each day that fails; a report for each day, in their order.

    What was published of a rejected day stays. `anew`: see `validation.service.audit_in_turn`.
    """
    with closing(warehouse.connect()) as connection:
        for report in audit_in_turn(warehouse, load_dates, anew=anew):
            if not report.success:
                reject_day(connection, report.load_date)
            yield report
