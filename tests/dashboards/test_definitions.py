"""The definitions that are generated from dbt's YAML: as they would be now, and nothing without one."""

import re
from pathlib import Path

import pytest
import yaml

from dashboards import definitions
from dashboards.grafana.__main__ import DASHBOARDS, sql_of
from dashboards.report.contents import SECTIONS, TILES


def test_what_is_generated_is_as_it_would_be_now():
    document = definitions.METRICS.read_text()
    assert document == definitions.metrics(document), "make docs"
    assert definitions.FIELDS.read_text() == definitions.fields(), "make docs"


def test_a_definition_is_written_anew():
    document = definitions.METRICS.read_text()
    row = next(line for line in document.splitlines() if line.startswith("| `mau` |"))
    assert definitions.metrics(document.replace(row, "| `mau` | as it was |")) == document


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A mart `made` with a column `people`, and a view `seen` of it, with the YAML of both to be written."""

    def plant(mart: dict, view: dict) -> None:
        for layer, name, sql, column in (
            ("marts", "made", "select 1 as people", mart),
            ("reporting", "seen", "select people from {{ ref('made') }}", view),
        ):
            folder = tmp_path / "models" / layer / "crowd"
            folder.mkdir(parents=True)
            (folder / f"{name}.sql").write_text(sql)
            node = {
                "name": name,
                "description": "One row.",
                "columns": [{"name": "people", "data_type": "bigint", **column}],
            }
            (folder / "_crowd__models.yml").write_text(yaml.safe_dump({"models": [node]}))

    monkeypatch.setattr(definitions, "MODELS", tmp_path / "models")
    monkeypatch.setattr(definitions, "ROOT", tmp_path)
    return plant


def test_a_view_takes_over_what_its_mart_says(planted):
    planted({"description": "All of them.", "config": {"meta": {"shown_as": "sum"}}}, {})
    assert definitions.fields().splitlines()[1:] == ["seen,people,Number,sum,All of them"]
    mart, view = definitions.models()
    assert (view.topic, view.columns) == ("crowd", mart.columns)


def test_a_view_can_say_more(planted):
    planted({"description": "All of them."}, {"description": "Those who are seen. Not the others."})
    assert definitions.fields().splitlines()[1:] == ["seen,people,Number,none,Those who are seen"]


def test_a_column_that_nobody_describes_is_named(planted):
    planted({}, {})
    with pytest.raises(ValueError, match=r"models/marts/crowd/_crowd__models.yml: made.people has no description"):
        definitions.models()


def test_an_unknown_way_to_show_a_column_is_named(planted):
    planted({"description": "All of them.", "config": {"meta": {"shown_as": "total"}}}, {})
    with pytest.raises(ValueError, match=r"made.people is shown as 'total'.\nRemedy: one of sum, percent, dimension"):
        definitions.models()


def test_dbts_lineage_ends_in_what_reads_the_views():
    told = yaml.safe_load((definitions.MODELS / "reporting" / "_exposures.yml").read_text())["exposures"]
    read = {each["name"]: {text[5:-2] for text in each["depends_on"]} for each in told}
    charts = [chart for section in SECTIONS for chart in section.charts]
    assert read["report"] == {each.view for each in (*charts, *TILES)}
    panels = [panel.name for dashboard in DASHBOARDS.values() for row in dashboard.rows for panel in row.panels]
    assert read["grafana"] == {view for name in panels for view in re.findall(r"reporting\.(\w+)", sql_of(name))}
    assert read["looker_studio"] == {model.name for model in definitions.models() if model.layer == "reporting"}
