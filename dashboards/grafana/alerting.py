"""Grafana's alert rules as the file that Grafana provisions, from `rules.py` and `sql/alerts/`.

Grafana puts environment variables in wherever `$` stands, so nothing else here may have one.
"""

from collections.abc import Callable
from typing import Any

import yaml

from dashboards.grafana.rules import RULES, Rule

HEAD = "# Written by `make docs` from dashboards/grafana/rules.py and sql/alerts/.\n"
EXPRESSIONS = "__expr__"
RUNBOOK = "docs/operations.md#grafana-{}"


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such."""


_Dumper.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None),
)


def render(sql_of: Callable[[str], str], panels: dict[str, int]) -> str:
    """The provisioned rules. `sql_of` gives the text of a file of `sql/`, `panels` the ids of operations' panels."""
    rules = [_rule(rule, sql_of(f"alerts/{rule.name}"), panels[rule.panel]) for rule in RULES]
    group = {"orgId": 1, "name": "engagement", "folder": "Engagement", "interval": "5m", "rules": rules}
    return HEAD + yaml.dump({"apiVersion": 1, "groups": [group]}, Dumper=_Dumper, sort_keys=False, width=1000)


def _rule(rule: Rule, sql: str, panel: int) -> dict[str, Any]:
    return {
        "uid": f"engagement-{rule.name.replace('_', '-')}",
        "title": rule.title,
        "condition": "B",
        "for": rule.patience,
        "noDataState": "OK",
        "execErrState": "Error",
        "labels": {"severity": rule.severity},
        "annotations": {
            "summary": rule.what,
            "since": rule.since,
            "means": rule.means,
            "remedy": rule.remedy,
            "runbook": RUNBOOK.format(rule.name.replace("_", "-")),
            "__dashboardUid__": "engagement-operations",
            "__panelId__": str(panel),
        },
        "data": [
            {
                "refId": "A",
                "datasourceUid": rule.database,
                "relativeTimeRange": {"from": 86400, "to": 0},
                "model": {"refId": "A", "rawQuery": True, "editorMode": "code", "format": "table", "rawSql": sql},
            },
            {
                "refId": "B",
                "datasourceUid": EXPRESSIONS,
                "relativeTimeRange": {"from": 0, "to": 0},
                "model": {
                    "refId": "B",
                    "type": "threshold",
                    "expression": "A",
                    "conditions": [{"evaluator": {"type": "gt", "params": [0]}}],
                },
            },
        ],
    }
