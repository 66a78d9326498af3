"""A day that is built as the DAG does it: topic by topic, with the settings of Airflow."""

import json
from pathlib import Path

from dags.topics import topics
from ingestion import service
from tests.dbt.helpers import Company, at, event

AIRFLOW = Path(__file__).resolve().parents[2] / "config" / "airflow.env"


def test_a_day_built_topic_by_topic_leaves_nothing_to_compute_anew(company: Company, tmp_path: Path):
    company.land(1, [event("e1", at(1))])
    company.build(1)
    settings = (line.partition("=") for line in AIRFLOW.read_text().splitlines() if line.startswith("DBT_"))
    company.dbt.settings |= {name: value for name, _, value in settings}
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(company.dbt.manifest.writable_manifest().to_dict()))
    company.land(2, [event("e2", at(2)), event("e3", at(2), user="u_2")])
    company.load(2)
    claimed = company.claim()
    for topic in topics(manifest):
        company.dbt.build("--select", *topic.nodes)
    service.finish(company.connection, claimed)
    assert company.query("select model, reason from ops.pending_rebuild") == []
    assert company.query("select max(dau) from marts.mart_engagement") == [(2,)]
