"""The field map for Looker Studio names every column of every reporting view, with a type that fits."""

import csv
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FIELDS = list(csv.DictReader((ROOT / "dashboards" / "looker_studio" / "fields.csv").open()))
# Contracts are enforced: these are the views' real columns.
MODELS = [
    model
    for file in (ROOT / "dbt" / "models" / "reporting").rglob("_*models.yml")
    for model in yaml.safe_load(file.read_text()).get("models", [])
]
TYPES = {
    "date": {"Date"},
    "text": {"Text"},
    "boolean": {"Boolean"},
    "bigint": {"Number"},
    "integer": {"Number"},
    "numeric": {"Number", "Percent"},
}


def test_every_view_is_in_the_map():
    assert {field["view"] for field in FIELDS} == {model["name"] for model in MODELS}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model["name"])
def test_every_column_is_in_the_map_with_its_type(model):
    mapped = {field["field"]: field["type"] for field in FIELDS if field["view"] == model["name"]}
    columns = {column["name"]: column["data_type"] for column in model["columns"]}
    assert list(mapped) == list(columns)
    assert [name for name, kind in mapped.items() if kind not in TYPES[columns[name].split("(")[0]]] == []


def test_counts_of_people_are_not_summed():
    """A sum of distinct counts over days counts people twice."""
    assert {field["aggregation"] for field in FIELDS} <= {"dimension", "none", "sum"}
    counts = [field for field in FIELDS if "distinct" in field["meaning"].lower()]
    assert counts
    assert [field["field"] for field in counts if field["aggregation"] == "sum"] == []
