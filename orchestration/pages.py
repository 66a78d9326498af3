"""The platform's pages within Airflow: Data Docs, the report, dbt's documentation, drift of fields, what a run did.

Airflow does not protect what a plugin serves. Here every address asks for Airflow's own login, and for the right to
read the DAG `engagement_daily`.
"""

import html
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import psycopg2
from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.base_user import BaseUser
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse, Response

from ingestion.run_summary import RunSummary, run_summary
from ingestion.warehouse import Warehouse

PROJECT = Path(__file__).resolve().parent.parent
DAG = "engagement_daily"
SQL = Path(__file__).parent / "sql"
# What is shown holds words from files. Pages without scripts may run none; those with scripts of their own run them
# apart from Airflow's origin, so that they cannot use the login of whoever looks.
STILL = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
SCRIPTED = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; frame-ancestors 'self'; sandbox allow-scripts allow-downloads allow-popups"
)
STYLE = (PROJECT / "validation" / "docs" / "style.css").read_text()


@dataclass
class Document:
    """A page that a command writes, made again when what it tells of has changed.

    Attributes:
        command: what writes it, without the interpreter; `{to}` stands for `page`.
        state: a query whose one value is another when the page is out of date.
    """

    page: Path
    command: Sequence[str]
    state: str
    lock: threading.Lock = field(default_factory=threading.Lock)

    def current(self) -> Path:
        """The page as it is to be now. Raises `HTTPException` with the last words of the command when it fails."""
        with self.lock:
            stamp = self.page.with_name(f".{self.page.name}.state")
            state = str(_query(self.state)[0][0])
            if not self.page.exists() or not stamp.exists() or stamp.read_text() != state:
                self.page.parent.mkdir(parents=True, exist_ok=True)
                command = [sys.executable, "-m", *(word.format(to=self.page) for word in self.command)]
                done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
                if done.returncode != 0:
                    raise HTTPException(500, f"{' '.join(self.command)} failed: {(done.stderr or done.stdout)[-2000:]}")
                stamp.write_text(state)
            return self.page


def documents() -> dict[str, Document]:
    """The documents, by their names; their places are settings."""
    pages = Path(os.environ.get("AIRFLOW_HOME", PROJECT / ".local")) / "pages"
    data_docs = Path(os.environ.get("DATA_DOCS_DIR") or pages / "data_docs")
    built = "select max(build_id) from ops.build where status = 'succeeded'"
    defined = "select md5(string_agg(model || definition, ',' order by model)) from ops.model_definition"
    audited = (
        "select concat_ws(' ', max(checked_at), (select max(build_id) from ops.build where status <> 'running'),"
        " (select max(load_id) from ops.load)) from ops.validation_document"
    )
    return {
        "data-docs": Document(data_docs / "index.html", ("validation", "docs", "--folder", str(data_docs)), audited),
        "report": Document(pages / "report.html", ("dashboards.report", "--to", "{to}"), built),
        "dbt-docs": Document(pages / "dbt_docs.html", ("pipeline", "docs", "--to", "{to}"), defined),
    }


def may_read(user: Annotated[BaseUser, Depends(get_user)]) -> None:
    """Let pass whoever has logged in to Airflow and may read the DAG."""
    if not get_auth_manager().is_authorized_dag(method="GET", details=DagDetails(id=DAG), user=user):
        raise HTTPException(403, f"Your role may not read {DAG}.")


def app(place: str) -> FastAPI:
    """The application. `place` is where it is mounted, as a browser sees it."""
    made = FastAPI(
        title="Engagement", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(may_read)]
    )
    written = documents()

    @made.get("/data-docs/{name:path}")
    def data_docs(name: str) -> Response:
        index = written["data-docs"].current()
        page = index.parent / (name or "index.html")
        if page.parent != index.parent or page.suffix != ".html" or not page.is_file():
            raise HTTPException(404, "There is no such page; an older audit has left Data Docs.")
        return FileResponse(page, headers=_headers(STILL))

    @made.get("/report")
    def report() -> Response:
        return FileResponse(written["report"].current(), headers=_headers(SCRIPTED))

    @made.get("/dbt-docs")
    def dbt_docs() -> Response:
        return FileResponse(written["dbt-docs"].current(), headers=_headers(SCRIPTED))

    @made.get("/drift")
    def drift() -> Response:
        rows = _query((SQL / "drift.sql").read_text())
        head = ("Load day", "Source", "Kind of file", "Field", "What", "Detail")
        lead = (
            "Fields of the files of the last 31 load days that were not as the day before: new, vanished, or of "
            "another type. A new field that matters belongs into the contract of its source (docs/sources.md)."
        )
        return _page("Source drift", [_paragraph(lead), _table(head, rows, "No field has changed.")])

    @made.get("/runs/{run_id:path}")
    def run(run_id: str) -> Response:
        with closing(_connect()) as connection:
            return _page("What this run did", _run(run_summary(connection, run_id), place))

    return made


def _run(summary: RunSummary, place: str) -> list[str]:
    days = [
        (day.load_date, day.status, "yes" if day.is_built else "no", *day[3:8], day.warnings, day.build_id, day.holder)
        for day in summary.days
    ]
    head = (
        "Load day", "Newest load", "In the marts", "Lines read", "Loaded", "Duplicates", "Held back", "Skipped",
        "Warnings", "Build", "Built by",
    )  # fmt: skip
    return [
        *map(_paragraph, summary.sentences()),
        _table(head, days, "This run has loaded no day yet."),
        f'<p><a href="{html.escape(place)}/data-docs/">Data Docs</a> tell of the audits.</p>',
    ]


def _page(title: str, parts: Sequence[str]) -> Response:
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{STYLE}</style>'
    body = f"<header><h1>{html.escape(title)}</h1></header><main>{''.join(parts)}</main>"
    return HTMLResponse(
        f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>', 200, _headers()
    )


def _paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]], nothing: str) -> str:
    if not rows:
        return _paragraph(nothing)
    cells = "".join(f"<th>{html.escape(name)}</th>" for name in head)
    lines = "".join("<tr>" + "".join(_cell(value) for value in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{cells}</tr></thead><tbody>{lines}</tbody></table>"


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f'<td class="number">{value:,}</td>'
    if isinstance(value, date):
        return f'<td class="whole">{value}</td>'
    return f"<td>{'' if value is None else html.escape(str(value))}</td>"


def _headers(policy: str = STILL) -> dict[str, str]:
    return {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def _query(query: str) -> list[tuple]:
    try:
        with closing(_connect()) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    except psycopg2.OperationalError as error:
        raise HTTPException(503, f"The warehouse does not answer: {error}") from error


def _connect():
    return Warehouse.from_environment(os.environ).connect("reader")
