"""Data Docs: a static site of what the audits found, from the results kept in `ops.validation_document`.

Great Expectations renders what it found. The pages around that are ours: those of Great Expectations
load a dozen files from the internet.
"""

import json
import math
import re
import shutil
import tempfile
from collections import Counter, namedtuple
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

import jinja2
from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

from validation.engine import finding_of
from validation.expectations import read_sql

TEMPLATES = Path(__file__).parent / "docs"
OUTCOMES = 40  # of each rule are shown
KEPT = 1000  # documents, of some 15 kB; `ops.validation_result` keeps all outcomes


def build(connection: Connection, folder: Path, *, newest: int) -> Path:
    """Write the site into `folder`, in place of what was there; gives its first page.

    It has the `newest` days, each with its whole story, the newest outcomes of each rule, and a page for each of the
    `newest` audits.
    """
    with connection, connection.cursor() as cursor:
        cursor.execute(read_sql("forget_documents", kept=KEPT))
        cursor.execute(read_sql("newest_documents", newest=newest))
        documents = cursor.fetchall()
        days = _rows(cursor, "docs_days", newest=newest)
        of_loads = {"load_ids": f"array{[day.load_id for day in days]}::bigint[]"}
        files, held_back, outcomes = (
            _by_load(_rows(cursor, name, **of_loads)) for name in ("docs_files", "docs_held_back", "docs_outcomes")
        )
        builds = _rows(cursor, "docs_builds", newest=newest)
        rules = _rows(cursor, "docs_rules", outcomes=OUTCOMES)
        cursor.execute("select * from ops.open_failure order by checked_at desc limit 100")
        failures = _named(cursor)
    folder.parent.mkdir(parents=True, exist_ok=True)
    site = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    site.chmod(0o755)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)

    def write(name: str, template: str, **shown: object) -> None:
        (site / name).write_text(environment.get_template(template).render(**shown))

    try:
        audits = [_audit(site, *document) for document in documents]
        write("audits.html", "audits.j2", audits=audits)
        write("rules.html", "rules.j2", rules=[{**rule._asdict(), "bars": _bars(rule)} for rule in rules])
        write("index.html", "index.j2", failures=failures, days=days, builds=builds)
        for day in days:
            write(
                f"day-{day.load_date}.html",
                "day.j2",
                day=day,
                files=files.get(day.load_id, []),
                held_back=held_back.get(day.load_id, []),
                outcomes=outcomes.get(day.load_id, []),
                builds=[build for build in builds if day.load_date in build.load_dates],
                audits=[audit for audit in audits if day.load_date in audit["days"]],
            )
        shutil.rmtree(folder, ignore_errors=True)
        site.rename(folder)
    finally:
        shutil.rmtree(site, ignore_errors=True)
    return folder / "index.html"


def _audit(
    site: Path, subject: str, suite: str, checked_at: datetime, document: str, days: list[date]
) -> dict[str, object]:
    """Write the page of one suite's result, and give what a list of audits says of it."""
    page = re.sub(r"[^a-z0-9]+", "-", f"{subject} {suite} {checked_at:%H%M%S%f}".lower()) + ".html"
    findings = [finding_of(suite, outcome) for outcome in json.loads(document)["results"]]
    broken = sorted((found for found in findings if not found.success), key=lambda found: found.severity)
    audit = {"subject": subject, "suite": suite, "checked_at": checked_at, "page": page}
    (site / page).write_text(_audit_page(document, **audit, broken=broken))
    counted = Counter(found.severity for found in broken)
    return {**audit, "days": days, "checks": len(findings), **counted}


def _bars(rule: NamedTuple) -> list[dict[str, object]]:
    """A bar for each outcome of a rule: what it counts grows by a step when it is ten times as much."""
    bad = "bad" if rule.severity == "critical" else "doubt"
    return [
        {
            "height": min(26, 3 + round(4 * math.log10(1 + exceptions))),
            "kind": "good" if success else bad,
            "title": f"{subject}: {exceptions:,} exceptions",
        }
        for subject, exceptions, success in zip(rule.subjects, rule.exceptions, rule.successes, strict=True)
    ]


def _rows(cursor: Cursor, name: str, **names: object) -> list[NamedTuple]:
    cursor.execute(read_sql(name, **names))
    return _named(cursor)


def _named(cursor: Cursor) -> list[NamedTuple]:
    row = namedtuple("row", [column.name for column in cursor.description])
    return [row(*values) for values in cursor.fetchall()]


def _by_load(rows: Iterable[NamedTuple]) -> dict[int, list[NamedTuple]]:
    found: dict[int, list[NamedTuple]] = {}
    for row in rows:
        found.setdefault(row.load_id, []).append(row)
    return found


def _audit_page(document: str, **shown: object) -> str:
    result = ExpectationSuiteValidationResultSchema().load(json.loads(document))
    page = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    # Left out are the overview, which counts warnings as failures, and the run's identity, which the title says.
    page.sections = page.sections[1:-1]
    return DefaultJinjaPageView(custom_views_directory=str(TEMPLATES)).render(page, template="audit.j2", **shown)
