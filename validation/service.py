"""Audits: of a staged load day before it is published, and of what analysts read after a build."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, fields
from datetime import date
from functools import partial
from operator import itemgetter
from pathlib import Path

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from ingestion.contract_yaml import load_contracts
from ingestion.contracts import Contract, Lines
from ingestion.vocabulary import EVENT_TYPES
from ingestion.warehouse import Warehouse
from ingestion.workers import worker_count, worker_pool
from validation import data_docs
from validation.days import Day, Days
from validation.engine import Finding, SuiteResult, by_day, judge, suite_result
from validation.expectations import literals, read_sql
from validation.suites import (
    content_changes,
    creator_changes,
    marts,
    product_changes,
    rate_changes,
    user_changes,
    user_events,
)

RAW_SUITES = {
    "user_events": user_events,
    "user_changes": user_changes,
    "product_changes": product_changes,
    "content_changes": content_changes,
    "creator_changes": creator_changes,
    "rate_changes": rate_changes,
}

AUDIT_LOCK = (0x656C_7403, 0)  # held while staged days are judged in turn
DAYS_AT_ONCE = 200  # days that are judged together: a query locks the tables of all of them
WORTH_A_PROCESS = 30  # days; for fewer, what Great Expectations sets up in each process costs more than it saves


@dataclass(frozen=True)
class AuditReport:
    """What one audit found. `success` is False when a critical expectation failed; warnings are recorded only.

    Attributes:
        subject: what was audited, for a person.
        load_date: the load day that was audited; None after an audit of the marts.
    """

    subject: str
    load_date: date | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def failures(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.success and finding.severity == "critical"]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.success and finding.severity == "warning"]

    @property
    def success(self) -> bool:
        return not self.failures

    def __str__(self) -> str:
        """One line for the whole, and one for each expectation that failed."""
        counts = f"{len(self.findings)} checks, {len(self.failures)} critical failures, {len(self.warnings)} warnings"
        broken = [f"  {each.severity}: {each.suite}: {each.message}" for each in (*self.failures, *self.warnings)]
        return "\n".join([f"{self.subject}: {counts}", *broken])


def audit_day(warehouse: Warehouse, load_date: date, *, contracts: Sequence[Contract] | None = None) -> AuditReport:
    """Judge what is staged for one load day; see `audit_days`."""
    return next(audit_days(warehouse, [load_date], contracts=contracts))


def audit_days(
    warehouse: Warehouse, load_dates: Sequence[date], *, contracts: Sequence[Contract] | None = None
) -> Iterator[AuditReport]:
    """Judge what is staged for load days, and record every outcome in `ops.validation_result`; a report for each day.

    The reports come in the order of the days, whatever the order of `load_dates`; each carries its `load_date`. Many
    days are judged together, and each gets the verdicts that it would get alone. Nothing staged (the day is published
    as it is) gives an empty report. A second audit of the same load replaces the first. A day without changes of users,
    products, content or creators is normal: there is nothing to judge in them.
    """
    contracts = load_contracts() if contracts is None else contracts
    load_dates = sorted(set(load_dates))
    processes = worker_count(max(len(load_dates) // WORTH_A_PROCESS, 1))
    at_once = min(-(-len(load_dates) // processes), DAYS_AT_ONCE)
    parts = [load_dates[first : first + at_once] for first in range(0, len(load_dates), at_once or 1)]
    audit = partial(_audit_part, warehouse, contracts)
    if processes == 1:
        yield from itertools.chain.from_iterable(map(audit, parts))
    else:
        with worker_pool(processes) as pool:
            yield from itertools.chain.from_iterable(pool.map(audit, parts))


def audit_in_turn(warehouse: Warehouse, load_dates: Sequence[date], *, anew: bool = False) -> list[AuditReport]:
    """As `audit_days`, for callers that audit different days at the same time: they take turns.

    Whose turn it is judges all staged days that nobody has judged yet, beside its own, since an audit of ten days takes
    hardly longer than one of a single day. Whoever waited meanwhile finds the verdicts on its days, and takes them.

    Args:
        anew: judge `load_dates` again where they have been judged.
    """
    wanted = set(load_dates)
    if not wanted:
        return []
    with closing(warehouse.connect("loader")) as connection:
        with connection, connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s, %s)", AUDIT_LOCK)  # until the connection is closed
        reports = {} if anew else _judged(connection, wanted)
        if due := wanted - reports.keys():
            with connection, connection.cursor() as cursor:
                cursor.execute(read_sql("unjudged_days"))
                due |= {day for (day,) in cursor.fetchall()}
            reports |= {report.load_date: report for report in audit_days(warehouse, sorted(due))}
    return [reports[day] for day in sorted(wanted)]


def _audit_part(warehouse: Warehouse, contracts: Sequence[Contract], load_dates: Sequence[date]) -> list[AuditReport]:
    with closing(warehouse.connect("loader")) as connection:
        days = _staged_days(connection, load_dates, contracts)
        found = _audit(warehouse, connection, days) if days.loads else {}
    return [
        AuditReport(f"load day {day}", day, found[day])
        if day in found
        else AuditReport(f"load day {day}: nothing is staged", day)
        for day in load_dates
    ]


def _audit(warehouse: Warehouse, connection: Connection, days: Days) -> dict[date, list[Finding]]:
    """Judge and record; each day's findings."""
    results: list[tuple[Days, SuiteResult]] = []
    found: dict[date, list[Finding]] = {load_date: [] for load_date in days.dates}
    with judge(warehouse) as judged:
        for suite, module in RAW_SUITES.items():
            rows = _rows(connection, days, suite)
            due = days.dates if suite == "user_events" else rows.keys()
            if not due:
                continue
            due_days = days.only(frozenset(due))
            result, findings = by_day(judged, suite, due_days, rows, module.expectations)
            results.append((due_days, result))
            for load_date, each in findings.items():
                found[load_date] += each
    loads = {day.load_date: day.load_id for day in days.loads}
    rows_found = [(loads[day], day, *vars(finding).values()) for day, findings in found.items() for finding in findings]
    with connection, connection.cursor() as cursor:
        _replace(
            cursor,
            rows_found,
            [
                (loads[of.dates[0]], of.dates[0], list(of.dates), result.suite, result.document)
                for of, result in results
            ],
            columns="load_id, load_date",
            document_columns="load_id, load_date, load_dates",
            key="load_id",
            keys=list(loads.values()),
            load_dates=days.dates,
        )
    return found


def audit_marts(warehouse: Warehouse, build_id: int) -> AuditReport:
    """Judge the marts after a build, before it is finished, and record every outcome in `ops.validation_result`.

    Days of the build that were published again meanwhile are left out: the next build brings them in.
    Raises `LookupError` when there is no such build.
    """
    connection = warehouse.connect("loader")
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(read_sql("build_days", build_id=int(build_id)))
            found = cursor.fetchone()
        if found is None:
            raise LookupError(
                f"there is no build {build_id}.\nRemedy: `select * from ops.build` shows the builds there are."
            )
        build = marts.Build(build_id, tuple(found[0]))
        with judge(warehouse) as judged:
            result = suite_result("marts", judged("marts", marts.MART, marts.expectations(build)))
        with connection, connection.cursor() as cursor:
            _replace(
                cursor,
                [(build_id, *vars(finding).values()) for finding in result.findings],
                [(build_id, result.suite, result.document)],
                columns="build_id",
                document_columns="build_id",
                key="build_id",
                keys=[build_id],
            )
        return AuditReport(f"marts after build {build_id}", findings=result.findings)
    finally:
        connection.close()


def _staged_days(connection: Connection, load_dates: Sequence[date], contracts: Sequence[Contract]) -> Days:
    """Those of the days for which something is staged."""
    with connection, connection.cursor() as cursor:
        cursor.execute(read_sql("staged_loads", load_dates=literals(load_dates)))
        loads = cursor.fetchall()
    return Days(
        loads=tuple(Day(load_id, load_date, tuple(due_sources)) for load_id, load_date, due_sources in loads),
        earliest=min(contract.earliest for contract in contracts),
        event_types=tuple(sorted(EVENT_TYPES)),
        held_back_at_most={contract.source: contract.held_back_at_most for contract in contracts},
        lines={
            (kind.source, kind.name): kind.lines
            for contract in contracts
            for kind in contract.files
            if kind.lines != Lines()
        },
    )


def _judged(connection: Connection, load_dates: Collection[date]) -> dict[date, AuditReport]:
    """The reports on those of the days whose staged load has been judged."""
    columns = ", ".join(f"result.{each.name}" for each in fields(Finding))
    with connection, connection.cursor() as cursor:
        cursor.execute(read_sql("verdicts", columns=columns, load_dates=literals(load_dates)))
        found = cursor.fetchall()
    return {
        day: AuditReport(f"load day {day}", day, [Finding(*row[1:]) for row in rows])
        for day, rows in itertools.groupby(found, key=itemgetter(0))
    }


def _rows(connection: Connection, days: Days, target: str) -> dict[date, int]:
    """How many rows are staged for a raw table, for each day that has some."""
    with connection, connection.cursor() as cursor:
        cursor.execute(read_sql("staged_rows", batch=f"({days.rows(target)})"))
        return dict(cursor.fetchall())


def _replace(
    cursor: Cursor,
    findings: Sequence[tuple],
    documents: Sequence[tuple],
    *,
    columns: str,
    document_columns: str,
    key: str,
    keys: Sequence[int],
    load_dates: Sequence[date] = (),
) -> None:
    """Replace what is recorded for loads or a build: `keys` are their ids, in the column `key`.

    A document that tells of other load days than `load_dates`, too, stays.
    """
    cursor.execute(f"delete from ops.validation_result where {key} = any(%s)", [keys])
    cursor.execute(
        f"delete from ops.validation_document where {key} = any(%s) and coalesce(load_dates, '{{}}') <@ %s::date[]",
        [keys, list(load_dates)],
    )
    execute_values(
        cursor,
        f"insert into ops.validation_result ({columns}, suite, expectation, column_name, severity, success,"
        " element_count, unexpected_count, observed, message) values %s",
        findings,
        page_size=1000,
    )
    execute_values(
        cursor, f"insert into ops.validation_document ({document_columns}, suite, document) values %s", documents
    )


def build_data_docs(warehouse: Warehouse, folder: Path, *, newest: int = 100) -> Path:
    """Write Data Docs of the `newest` suite results, in place of what is in `folder`; gives its `index.html`.

    Takes about 40 ms a result: keep it off the critical path.
    """
    connection = warehouse.connect("loader")
    try:
        return data_docs.build(connection, folder, newest=newest)
    finally:
        connection.close()
