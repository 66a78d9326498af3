"""`python -m dashboards.grafana`: write the dashboards and alert rules that Grafana reads, from Python and `sql/` here.

What it writes is committed. A test says when it was forgotten after a change.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from dashboards import definitions
from dashboards.grafana import alerting, business, operations
from dashboards.grafana.layout import Dashboard, Panel, Variable

HERE = Path(__file__).parent
SQL = HERE / "sql"
ALERTING = HERE / "provisioning" / "alerting" / "engagement.yml"
DATASOURCE_TYPE = "grafana-postgresql-datasource"
DATASOURCE = {"type": DATASOURCE_TYPE, "uid": "warehouse"}
SCHEMA_VERSION = 42  # classic; provisioning v2 files fails
DASHBOARDS = {
    f"{dashboard.uid.removeprefix('engagement-')}.json": dashboard
    for dashboard in (operations.OPERATIONS, *business.DASHBOARDS)
}
TITLES = {dashboard.uid: dashboard.title for dashboard in DASHBOARDS.values()}
DEFINITIONS = "definitions.json"
DEFINITIONS_UID = "engagement-definitions"
ALL = "'(all)'"  # what SQL sees where everything is chosen; Grafana puts it there as it is


def documents() -> dict[str, str]:
    """The JSON of every dashboard, by the name of its file, as Grafana provisions it."""
    made = {name: _document(dashboard) for name, dashboard in DASHBOARDS.items()}
    made[DEFINITIONS] = _definitions()
    return {name: json.dumps(document, indent=2) + "\n" for name, document in made.items()}


def alert_rules() -> str:
    """The alert rules, as Grafana provisions them."""
    panels = json.loads(documents()["operations.json"])["panels"]
    return alerting.render(sql_of, {panel["title"]: panel["id"] for panel in panels})


def sql_of(name: str) -> str:
    return (SQL / f"{name}.sql").read_text().strip()


def _document(dashboard: Dashboard) -> dict[str, Any]:
    panels: list[dict[str, Any]] = []
    top = 0
    for row in dashboard.rows:
        panels.append(_row(row.title, len(panels) + 1, top))
        left = 0
        for panel in row.panels:
            position = {"h": row.height, "w": panel.width, "x": left, "y": top + 1}
            panels.append(_panel(panel, len(panels) + 1, position))
            left += panel.width
        top += 1 + row.height
    return {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["engagement"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": dashboard.refresh,
        "time": {"from": dashboard.time_from, "to": "now"},
        "timezone": "utc",  # dates come as midnight UTC, in whatever zone their day lies: another would shift them
        "templating": {"list": [_variable(variable) for variable in dashboard.variables]},
        "annotations": {"list": []},
        "links": [
            {
                "type": "dashboards",
                "title": "Dashboards",
                "tags": ["engagement"],
                "asDropdown": True,
                "keepTime": True,
                "includeVars": True,
                "targetBlank": False,
                "icon": "external link",
                "tooltip": "",
                "url": "",
            }
        ],
        "panels": panels,
    }


def _row(title: str, number: int, top: int) -> dict[str, Any]:
    return {
        "id": number,
        "type": "row",
        "title": title,
        "collapsed": False,
        "gridPos": {"h": 1, "w": 24, "x": 0, "y": top},
        "panels": [],
    }


def _panel(panel: Panel, number: int, position: dict[str, int]) -> dict[str, Any]:
    sql = sql_of(panel.name)
    views = list(dict.fromkeys(re.findall(r"\breporting\.(\w+)", sql)))
    told = [panel.description, *(f"Defined in docs/metrics.md#{view}." for view in views)]
    links = [_link(f"What is {view}?", f"/d/{DEFINITIONS_UID}?viewPanel=panel-{_number(view)}") for view in views]
    if panel.see:
        links.append(_link(TITLES[panel.see], f"/d/{panel.see}?${{__url_time_range}}"))
    source = {"type": DATASOURCE_TYPE, "uid": panel.database}
    made = {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": "\n\n".join(text for text in told if text),
        "gridPos": position,
        "datasource": source,
        "links": links,
        "fieldConfig": {"defaults": _defaults(panel), "overrides": _overrides(panel)},
        "options": panel.options,
        "targets": [
            {
                "refId": "A",
                "datasource": source,
                "editorMode": "code",
                "rawQuery": True,
                "format": panel.format,
                "rawSql": sql,
            }
        ],
    }
    if panel.columns:
        names = ["time", *panel.columns] if panel.format == "time_series" else list(panel.columns)
        made["transformations"] = [{"id": "filterFieldsByName", "options": {"include": {"names": names}}}]
    return made


def _defaults(panel: Panel) -> dict[str, Any]:
    steps = [{"color": color, "value": value} for color, value in panel.steps]
    made = {
        "unit": panel.unit,
        "noValue": "no data",
        "custom": panel.custom,
        "thresholds": {"mode": "absolute", "steps": steps},
    }
    if panel.decimals is not None:
        made["decimals"] = panel.decimals
    if panel.kind in ("table", "stat"):
        made["color"] = {"mode": "thresholds"}
    return made


def _overrides(panel: Panel) -> list[dict[str, Any]]:
    """What single columns have of their own, one entry for each."""
    found: dict[str, list[dict[str, Any]]] = {}
    for column, unit in panel.units.items():
        found.setdefault(column, []).append({"id": "unit", "value": unit})
    for column in panel.colored:
        cell = {"type": "color-background", "mode": "basic"}
        found.setdefault(column, []).append({"id": "custom.cellOptions", "value": cell})
    for column in panel.bars:
        found.setdefault(column, []).extend(
            [
                {"id": "custom.cellOptions", "value": {"type": "gauge", "mode": "basic", "valueDisplayMode": "text"}},
                {"id": "min", "value": 0},
                {"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}},
            ]
        )
    for column, (title, url) in panel.to.items():
        link = {"title": title, "url": url, "targetBlank": True}
        found.setdefault(column, []).append({"id": "links", "value": [link]})
    return [
        {"matcher": {"id": "byName", "options": column}, "properties": properties}
        for column, properties in found.items()
    ]


def _link(title: str, url: str) -> dict[str, Any]:
    return {"title": title, "url": url, "targetBlank": False}


def _variable(variable: Variable) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": variable.name,
        "label": variable.label,
        "multi": variable.several,
        "includeAll": variable.all_too,
        "hide": 2 if variable.hidden else 0,
        "skipUrlSync": False,
    }
    if variable.all_too:
        made |= {"allValue": ALL, "current": {"text": "All", "value": "$__all", "selected": True}}
    if variable.text:
        current = {"text": variable.text, "value": variable.text}
        return made | {"type": "textbox", "query": variable.text, "current": current, "options": [current]}
    if variable.options:
        options = [
            {"text": option, "value": option, "selected": number == 0} for number, option in enumerate(variable.options)
        ]
        return made | {
            "type": "custom",
            "query": ",".join(variable.options),
            "options": options,
            "current": options[0],
        }
    query = sql_of(f"variables/{variable.query or variable.name}")
    return made | {
        "type": "query",
        "datasource": DATASOURCE,
        "query": query,
        "refresh": 1,  # when the dashboard is opened
        "sort": 1,
        "regex": "",
        "options": [],
    }


@cache
def _models() -> list[definitions.Model]:
    return definitions.models()


def _views() -> list[definitions.Model]:
    return [model for model in _models() if model.layer == "reporting"]


def _number(view: str) -> int:
    """The panel of the definition of a view."""
    return [model.name for model in _views()].index(view) + 1


def _definitions() -> dict[str, Any]:
    """What each number means: the definitions of docs/metrics.md, a panel for each view."""
    height = 12
    panels = [
        {
            "id": number + 1,
            "type": "text",
            "title": model.name,
            "description": f"As in docs/metrics.md#{model.name}.",
            "gridPos": {"h": height, "w": 24, "x": 0, "y": number * height},
            "options": {"mode": "markdown", "content": definitions.definition(model, _models())},
        }
        for number, model in enumerate(_views())
    ]
    dashboard = Dashboard(DEFINITIONS_UID, "Engagement: definitions", "What each number means.", "now-90d", (), ())
    return _document(dashboard) | {"panels": panels}


def main() -> None:
    folder = HERE / "dashboards"
    made = documents()
    for path in folder.glob("*.json"):
        if path.name not in made:
            path.unlink()
            print(f"removed {path.name}")
    for name, document in made.items():
        (folder / name).write_text(document)
        print(f"wrote {name}")
    ALERTING.write_text(alert_rules())
    print(f"wrote {ALERTING.name}")


if __name__ == "__main__":
    main()
