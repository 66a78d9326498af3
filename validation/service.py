"""Audits: of a staged load day before it is published, and of what analysts read after a build."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor
from psycopg2.extras import execute_values

from ingestion.contracts import Contract, load_contracts
from ingestion.service import staging_table
from ingestion.targets import EVENT_TYPES
from ingestion.warehouse import Warehouse
from validation import data_docs
from validation.engine import Finding, SuiteResult, run
from validation.expectations import read_sql
from validation.suites import Day, content_changes, creator_changes, marts, product_changes, user_changes, user_events

RAW_SUITES = {
    "user_events": user_events,
    "user_changes": user_changes,
    "product_changes": product_changes,
    "content_changes": content_changes,
    "creator_changes": creator_changes,
}


@dataclass(frozen=True)
class AuditReport:
    """What one audit found. `success` is False when a critical expectation failed; warnings are recorded only."""

    subject: str
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
    """Judge what is staged for a load day, and record every outcome in `ops.validation_result`.

    Nothing staged (the day is published as it is) gives an empty report. A second audit of the same load replaces the
    first. A day without changes of users, products, content or creators is normal: there is nothing to judge in them.
    """
    subject = f"load day {load_date}"
    connection = warehouse.connect("loader")
    try:
        with connection, connection.cursor() as cursor:
            day = _staged_day(cursor, load_date, load_contracts() if contracts is None else contracts)
            if day is None:
                return AuditReport(f"{subject}: nothing is staged")
            suites = {
                target: (table, RAW_SUITES[target].expectations(day))
                for target, table in day.staged.items()
                if target == "user_events" or _has_rows(cursor, table)
            }
        results = run(warehouse, suites)
        _record(connection, results, load_id=day.load_id, load_date=load_date)
        return AuditReport(subject, [finding for result in results for finding in result.findings])
    finally:
        connection.close()


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
        results = run(warehouse, {"marts": (marts.MART, marts.expectations(build))})
        _record(connection, results, build_id=build_id)
        return AuditReport(
            f"marts after build {build_id}", [finding for result in results for finding in result.findings]
        )
    finally:
        connection.close()


def _staged_day(cursor: Cursor, load_date: date, contracts: Sequence[Contract]) -> Day | None:
    cursor.execute(
        "select load_id, empty_sources from ops.load"
        " where load_date = %s and status = 'staged' order by load_id desc limit 1",
        [load_date],
    )
    found = cursor.fetchone()
    if found is None:
        return None
    load_id, empty_sources = found
    return Day(
        load_id=load_id,
        load_date=load_date,
        earliest=min(contract.earliest for contract in contracts),
        event_types=tuple(sorted(EVENT_TYPES)),
        due_sources=tuple(
            contract.source
            for contract in contracts
            if contract.cadence == "daily"
            and contract.source not in empty_sources
            and any(kind.target.name == "user_events" for kind in contract.files)
        ),
        staged={target: f"raw.{staging_table(target, load_date)}" for target in RAW_SUITES},
    )


def _has_rows(cursor: Cursor, table: str) -> bool:
    cursor.execute(f"select exists (select from {table})")
    return cursor.fetchone()[0]


def _record(connection: Connection, results: Sequence[SuiteResult], **subject: object) -> None:
    """Replace what is recorded for the same load or build: `subject` holds its columns, the id first."""
    key, identity = next(iter(subject.items()))
    columns = ", ".join(subject)
    findings = [(*subject.values(), *vars(finding).values()) for result in results for finding in result.findings]
    documents = [(*subject.values(), result.suite, result.document) for result in results]
    with connection, connection.cursor() as cursor:
        cursor.execute(f"delete from ops.validation_result where {key} = %s", [identity])
        cursor.execute(f"delete from ops.validation_document where {key} = %s", [identity])
        execute_values(
            cursor,
            f"insert into ops.validation_result ({columns}, suite, expectation, column_name, severity, success,"
            " element_count, unexpected_count, observed, message) values %s",
            findings,
        )
        execute_values(cursor, f"insert into ops.validation_document ({columns}, suite, document) values %s", documents)


def build_data_docs(warehouse: Warehouse, folder: Path, *, newest: int = 100) -> Path:
    """Write Data Docs of the `newest` suite results, in place of what is in `folder`; gives its `index.html`.

    Takes about 40 ms a result: keep it off the critical path.
    """
    connection = warehouse.connect("loader")
    try:
        return data_docs.build(connection, folder, newest=newest)
    finally:
        connection.close()
