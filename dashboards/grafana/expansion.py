"""What Grafana does with a dashboard's SQL before PostgreSQL gets it: for the tests and the bench, without Grafana."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ALL = "$__all"


@dataclass(frozen=True)
class Range:
    first: datetime
    last: datetime

    @classmethod
    def of(cls, first: str, last: str) -> "Range":
        return cls(*(datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last)))


def panels(document: Mapping[str, Any]) -> list[dict]:
    """Those with a query."""
    return [panel for panel in document["panels"] if panel.get("targets")]


def expanded(
    sql: str, during: Range, variables: Sequence[Mapping[str, Any]] = (), chosen: Mapping[str, Any] | None = None
) -> str:
    """The SQL that PostgreSQL gets. `chosen` has the values of variables that are not at their default.

    Raises `ValueError` for a macro or variable that is not known, or whose arguments Grafana would not understand.
    """
    chosen = chosen or {}
    for variable in variables:
        value = chosen.get(variable["name"], (variable.get("current") or {}).get("value", ""))
        text = _interpolated(variable, value)
        sql = re.sub(rf"\${variable['name']}\b", lambda _, text=text: text, sql)
    begin, end = (f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (during.first, during.last))
    # A macro's arguments end at the first closing parenthesis.
    sql = re.sub(r"\$__timeFilter\(([^()]*)\)", rf"\1 BETWEEN '{begin}' AND '{end}'", sql)
    sql = re.sub(r"\$__timeFrom\(\)", f"'{begin}'", sql)
    sql = re.sub(r"\$__timeTo\(\)", f"'{end}'", sql)
    sql = sql.replace("$__interval", "1d")
    sql = re.sub(r"\$__timeGroup\(([^(),]*),\s*'?1d'?\)", r"floor(extract(epoch from \1)/86400)*86400", sql)
    left = re.findall(r"\$\w+|\$\{", sql)
    if left:
        raise ValueError(f"unknown macros or variables: {', '.join(left)}")
    return sql


def _interpolated(variable: Mapping[str, Any], value: Any) -> str:
    """As Grafana's frontend, and its PostgreSQL data source for a variable that is written without a format."""
    if value in (ALL, [ALL]):
        return variable["allValue"]  # stands there as it is
    if isinstance(value, list):
        return ",".join(_quoted(one) for one in value)
    return _quoted(value) if variable["multi"] or variable["includeAll"] else str(value).replace("'", "''")


def _quoted(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"
