"""Data Docs: a static site of what the audits found, from the results kept in `ops.validation_document`.

Great Expectations renders what it found. The pages around that are ours: those of Great Expectations
load a dozen files from the internet.
"""

import json
import re
import shutil
import tempfile
from collections import Counter
from pathlib import Path

import jinja2
from great_expectations.core.expectation_validation_result import ExpectationSuiteValidationResultSchema
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from psycopg2.extensions import connection as Connection

from validation.engine import finding_of
from validation.expectations import read_sql

TEMPLATES = Path(__file__).parent / "docs"
KEPT = 1000  # documents, of some 15 kB; `ops.validation_result` keeps all outcomes


def build(connection: Connection, folder: Path, *, newest: int) -> Path:
    """Write the site of the `newest` audits into `folder`, in place of what was there; gives its first page."""
    with connection, connection.cursor() as cursor:
        cursor.execute(read_sql("forget_documents", kept=KEPT))
        cursor.execute(read_sql("newest_documents", newest=newest))
        rows = cursor.fetchall()
    folder.parent.mkdir(parents=True, exist_ok=True)
    site = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    site.chmod(0o755)
    try:
        audits = []
        for subject, suite, checked_at, document in rows:
            page = re.sub(r"[^a-z0-9]+", "-", f"{subject} {suite} {checked_at:%H%M%S%f}".lower()) + ".html"
            findings = [finding_of(suite, outcome) for outcome in json.loads(document)["results"]]
            broken = sorted((found for found in findings if not found.success), key=lambda found: found.severity)
            audit = {"subject": subject, "suite": suite, "checked_at": checked_at, "page": page}
            audits.append({**audit, "checks": len(findings), **Counter(found.severity for found in broken)})
            (site / page).write_text(_audit_page(document, **audit, broken=broken))
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
        (site / "index.html").write_text(environment.get_template("index.j2").render(audits=audits))
        shutil.rmtree(folder, ignore_errors=True)
        site.rename(folder)
    finally:
        shutil.rmtree(site, ignore_errors=True)
    return folder / "index.html"


def _audit_page(document: str, **shown: object) -> str:
    result = ExpectationSuiteValidationResultSchema().load(json.loads(document))
    page = ValidationResultsPageRenderer(run_info_at_end=True).render(result)
    # Left out are the overview, which counts warnings as failures, and the run's identity, which the title says.
    page.sections = page.sections[1:-1]
    return DefaultJinjaPageView(custom_views_directory=str(TEMPLATES)).render(page, template="audit.j2", **shown)
