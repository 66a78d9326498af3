"""What Grafana's panels must be like."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from dashboards.grafana.expansion import ALL, Range, expanded, panels

__all__ = ["ALL", "Range", "document_problems", "expanded", "panels", "shape_problems", "sql_problems"]
SCHEMAS = ("reporting", "ops")
AIRFLOW = ("public.dag_run", "public.task_instance")
KINDS = {"barchart", "row", "stat", "state-timeline", "table", "text", "timeseries", "trend"}
UNITS = {"bytes", "none", "percentunit", "s", "short", "h"}


def sql_problems(sql: str, airflow: bool = False) -> list[str]:
    """Why a panel's SQL is not one that the dashboards may hold. `airflow`: it reads Airflow's own tables."""
    code = re.sub(r"--[^\n]*", "", sql).strip().lower()
    found = re.findall(r"\b(?:from|join)\s+([a-z_.]+)", re.sub(r"extract\([^()]*from", "", code))
    allowed = [name in AIRFLOW if airflow else name.split(".")[0] in SCHEMAS and "." in name for name in found]
    wrong = [f"reads {name}" for name, may in zip(found, allowed, strict=True) if not may]
    if re.search(r"\bjoin\b", code):
        wrong.append("joins: make a view")
    if not code.startswith("select"):
        wrong.append("does not select")
    if re.search(r"\$__timeFilter\([^)]*\(", sql):
        wrong.append("$__timeFilter takes no nested parentheses")
    if re.search(r"\$\{|\[\[", sql):
        wrong.append("write variables as $name: other formats quote in other ways")
    return wrong


def document_problems(document: Mapping[str, Any]) -> Iterator[str]:
    """What a look at the JSON tells: places, kinds, units, thresholds, empty states, variables, links."""
    taken: dict[tuple[int, int], str] = {}
    numbers: set[int] = set()
    variables = {variable["name"]: variable for variable in document["templating"]["list"]}
    for panel in document["panels"]:
        name, at = f"{panel['title']} ({panel['id']})", panel["gridPos"]
        if panel["id"] in numbers:
            yield f"{name}: the id is taken"
        numbers.add(panel["id"])
        if at["x"] + at["w"] > 24:
            yield f"{name}: wider than the page"
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        for other in sorted({taken[cell] for cell in cells & set(taken)}):
            yield f"{name}: lies over {other}"
        taken |= dict.fromkeys(cells, name)
        if panel["type"] not in KINDS:
            yield f"{name}: unknown kind {panel['type']}"
        for word in re.findall(r"\$(\w+)", panel["title"]):
            if word not in variables:
                yield f"{name}: the title names ${word}, which cannot be chosen"
        if panel.get("targets"):
            yield from (f"{name}: {problem}" for problem in _query_problems(panel, variables))


def _query_problems(panel: Mapping[str, Any], variables: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    defaults = panel["fieldConfig"]["defaults"]
    units = [defaults.get("unit")]
    for override in panel["fieldConfig"]["overrides"]:
        units += [one["value"] for one in override["properties"] if one["id"] == "unit"]
    for unit in units:
        if unit not in UNITS:
            yield f"unknown unit {unit}"
    if not defaults.get("noValue"):
        yield "says nothing when there is no data"
    steps = [step["value"] for step in defaults["thresholds"]["steps"]]
    if steps[0] is not None or steps[1:] != sorted(set(steps[1:])):
        yield f"thresholds do not rise: {steps}"
    (target,) = panel["targets"]
    if (target["format"] == "time_series") != (panel["type"] == "timeseries") and panel["type"] != "stat":
        yield f"a {panel['type']} cannot draw {target['format']}"
    yield from sql_problems(target["rawSql"], panel["datasource"]["uid"] == "airflow")
    for before, word, after in re.findall(r"('?)\$(?!__)(\w+)('?)", target["rawSql"]):
        if word not in variables:
            yield f"${word} cannot be chosen"
        elif bool(before and after) == bool(variables[word]["includeAll"] or variables[word]["multi"]):
            yield f"${word}: quotes are set by Grafana exactly where all, or several, can be chosen"


def shape_problems(panel: Mapping[str, Any], columns: Sequence[str], rows: Sequence[tuple]) -> Iterator[str]:
    """What does not fit between a panel and the result of its query."""
    if len(set(columns)) < len(columns):
        yield "two columns have one name"
    named = {override["matcher"]["options"] for override in panel["fieldConfig"]["overrides"]}
    for change in panel.get("transformations", ()):
        named |= set(change["options"]["include"]["names"])
    if panel["type"] == "trend":
        named.add(panel["options"]["xField"])
    for name in sorted(named - set(columns)):
        yield f"no column {name}"
    (target,) = panel["targets"]
    if panel["type"] == "trend":
        yield from _rising([row[columns.index(panel["options"]["xField"])] for row in rows])
    if panel["type"] == "barchart" and not all(isinstance(row[0], str) for row in rows):
        yield "the first column of bars names them"
    if target["format"] != "time_series":
        return
    if columns[0] != "time":
        yield "the first column is not time"
    yield from _rising([row[0] for row in rows], strictly="metric" not in columns)
    if "metric" in columns:
        if len(columns) != 3:
            yield "with metric, Grafana names series by one number only"
        if len({row[:2] for row in rows}) < len(rows):
            yield "two values of one series at one time"
    for name, *values in zip(columns, *rows, strict=True):
        if name in ("time", "metric"):
            continue
        if not all(value is None or isinstance(value, int | float | Decimal) for value in values):
            yield f"{name} is no number"


def _rising(values: Sequence[Any], strictly: bool = True) -> Iterator[str]:
    if None in values:
        yield "a place on the axis is null"
    elif any(later < earlier or strictly and later == earlier for earlier, later in pairwise(values)):
        yield "places on the axis do not rise"
