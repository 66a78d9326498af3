"""What the platform adds to Airflow's user interface: its pages, and a note on each run of what it did.

Every process of Airflow loads this, tasks included: what only the API server needs is imported by that one alone.
"""

import sys
from typing import Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.listeners import hookimpl
from airflow.plugins_manager import AirflowPlugin

LONGEST_NOTE = 1000  # characters: a column of Airflow's
PREFIX = "/engagement"
PLACE = urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/") + PREFIX
SERVES_PAGES = any(word in ("api-server", "api_server") for word in sys.argv)


class RunNotes:
    """In the scheduler: a run that ends gets what its tasks say of it as its note, which the grid shows."""

    @hookimpl
    def on_dag_run_success(self, dag_run: Any, msg: str) -> None:
        _note(dag_run)

    @hookimpl
    def on_dag_run_failed(self, dag_run: Any, msg: str) -> None:
        _note(dag_run)


def _note(dag_run: Any) -> None:
    if dag_run.dag_id != "engagement_daily":
        return
    from airflow.models.xcom import XComModel
    from sqlalchemy import select
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return
    query = (
        select(XComModel)
        .where(XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id, XComModel.key == "note")
        .order_by(XComModel.timestamp.desc())
        .limit(1)
    )
    told = session.scalars(query).first()
    if told:
        # What a trigger leaves is written as JSON, what a task leaves is not.
        dag_run.note = str(XComModel.deserialize_value(told))[:LONGEST_NOTE]


def _pages() -> list[dict[str, Any]]:
    if not SERVES_PAGES:
        return []
    from orchestration.pages import app

    return [{"app": app(PLACE), "url_prefix": PREFIX, "name": "Engagement"}]


class EngagementPlugin(AirflowPlugin):
    name = "engagement"
    listeners = [RunNotes()]
    fastapi_apps = _pages()
    external_views = [
        *(
            {
                "name": name,
                "href": f"{PLACE}/{path}",
                "url_route": f"engagement-{path.strip('/')}",
                "category": "browse",
            }
            for name, path in {
                "Data Docs": "data-docs/",
                "KPI report": "report",
                "dbt docs": "dbt-docs",
                "Source drift": "drift",
            }.items()
        ),
        {
            "name": "Summary",
            "href": PLACE + "/runs/{RUN_ID}",
            "url_route": "engagement-summary",
            "destination": "dag_run",
        },
    ]
