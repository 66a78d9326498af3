"""`python -m dashboards.grafana`: write the dashboards' JSON from `layout.py` and `sql/`.

Grafana reads the JSON as it is committed: this runs after a change of either, and a test says when it was forgotten.
"""

import json
from pathlib import Path
from typing import Any

from dashboards.grafana.layout import DASHBOARDS, Dashboard, Panel

HERE = Path(__file__).parent
SQL = HERE / "sql"
DATASOURCE = {"type": "grafana-postgresql-datasource", "uid": "warehouse"}
SCHEMA_VERSION = 42  # classic; provisioning v2 files fails


def render(dashboard: Dashboard) -> str:
    """The JSON of one dashboard, as Grafana provisions it from a file."""
    panels: list[dict[str, Any]] = []
    top = 0
    for row in dashboard.rows:
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": row.title,
                "collapsed": False,
                "gridPos": {"h": 1, "w": 24, "x": 0, "y": top},
                "panels": [],
            }
        )
        left = 0
        for panel in row.panels:
            position = {"h": row.height, "w": panel.width, "x": left, "y": top + 1}
            panels.append(_panel(panel, len(panels) + 1, position))
            left += panel.width
        top += 1 + row.height
    document = {
        "uid": dashboard.uid,
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["engagement"],
        "schemaVersion": SCHEMA_VERSION,
        "version": 1,
        "editable": False,
        "graphTooltip": 1,
        "refresh": "1m",
        "time": {"from": dashboard.time_from, "to": "now"},
        "timezone": "utc",  # dates come as midnight UTC, in whatever zone their day lies: another would shift them
        "templating": {"list": []},
        "annotations": {"list": []},
        "links": [],
        "panels": panels,
    }
    return json.dumps(document, indent=2) + "\n"


def _panel(panel: Panel, number: int, position: dict[str, int]) -> dict[str, Any]:
    defaults = {
        "unit": panel.unit,
        "custom": panel.custom,
        "thresholds": {"mode": "absolute", "steps": [{"color": color, "value": value} for color, value in panel.steps]},
    }
    overrides = [
        {"matcher": {"id": "byName", "options": column}, "properties": [{"id": "unit", "value": unit}]}
        for column, unit in panel.units.items()
    ]
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "gridPos": position,
        "datasource": DATASOURCE,
        "fieldConfig": {"defaults": defaults, "overrides": overrides},
        "options": panel.options,
        "targets": [
            {
                "refId": "A",
                "datasource": DATASOURCE,
                "editorMode": "code",
                "rawQuery": True,
                "format": panel.format,
                "rawSql": (SQL / f"{panel.name}.sql").read_text().strip(),
            }
        ],
    }


def main() -> None:
    for name, dashboard in DASHBOARDS.items():
        path = HERE / "dashboards" / name
        path.write_text(render(dashboard))
        print(f"wrote {path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}")


if __name__ == "__main__":
    main()
