"""The recipe of the KPI report for Looker Studio: its columns and fixed filters find rows in the warehouse."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "dashboards" / "looker_studio" / "README.md").read_text()
CHARTS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and not line.startswith("| page ")
]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_the_recipe_has_its_pages():
    assert {"Engagement", "Retention", "Funnel", "Sales", "Product popularity"} <= {chart[0] for chart in CHARTS}


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: f"{chart[0]}, {chart[1]}")
def test_the_chart_finds_rows(world, chart: list[str]):
    page, kind, source, fixed, dimension, metrics = chart
    (view,) = quoted(source)
    conditions = [f"{column} = '{value}'" for column, value in re.findall(r"`(\w+)` = `([^`]+)`", fixed)]
    conditions += [f"{column} = true" for column in re.findall(r"`(\w+)` = true", fixed)]
    conditions += [f"{column} is null" for column in re.findall(r"`(\w+)` empty", fixed)]
    names = [name for cell in (kind, dimension, metrics) for name in quoted(cell)]
    columns = [column for name in names for column in re.findall(r"[a-z][a-z_0-9]+", name)]
    sql = f"select {', '.join(columns)} from reporting.{view} where {' and '.join(conditions) or 'true'} limit 1"
    assert world.query(sql), sql
