"""What dashboards are made of: rows of panels, 24 columns wide. The SQL of panel `x/y` is `sql/x/y.sql`."""

from dataclasses import dataclass, field
from typing import Any

GREEN, AMBER, RED = "green", "orange", "red"


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        name: of its SQL file, below `sql/`. Several panels may show columns of the same.
        kind: Grafana's panel type.
        width: columns of 24.
        format: `table`, or `time_series` where the SQL gives `time`, optionally `metric`, and numbers (with `metric`,
            one number: Grafana then names the series by it).
        columns: the columns that are shown, besides `time`; all of them when none is named.
        unit: Grafana's unit of the numbers.
        units: unit of single columns.
        decimals: digits after the point.
        steps: colours from a value on; the first from minus infinity.
        colored: columns of a table whose cells have the colour of their value.
        bars: columns of a table that are drawn as bars.
        see: uid of the dashboard that says more.
        to: where a column's cells lead: a title, and an address where `${__data.fields.x}` is column x of the row.
        database: `warehouse`, or `airflow`, whose own tables the SQL then reads.
        custom: more of `fieldConfig.defaults.custom`.
        options: more of `options`.
    """

    name: str
    title: str
    kind: str
    width: int
    description: str = ""
    format: str = "table"
    columns: tuple[str, ...] = ()
    unit: str = "short"
    units: dict[str, str] = field(default_factory=dict)
    decimals: int | None = None
    steps: tuple[tuple[str, float | None], ...] = ((GREEN, None),)
    colored: tuple[str, ...] = ()
    bars: tuple[str, ...] = ()
    see: str = ""
    to: dict[str, tuple[str, str]] = field(default_factory=dict)
    database: str = "warehouse"
    custom: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    title: str
    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Variable:
    """What a reader chooses at the top of a dashboard, `$name` in its SQL.

    A variable with `all_too` stands in SQL without quotes, since Grafana sets them:
    `'(all)' in ($channel) or channel in ($channel)`. One without stands between quotes: `'$period'`.

    Attributes:
        name: in SQL.
        label: on the dashboard.
        options: what can be chosen, the first of it by default. Without: those of `sql/variables/<query or name>.sql`.
        query: the file's name, where it is not the variable's.
        all_too: all of them can be chosen, and are by default. SQL sees `(all)` then.
        several: more than one can be chosen.
        text: what stands in it at first, where any text can be.
        hidden: nothing is chosen: titles have its value.
    """

    name: str
    label: str
    options: tuple[str, ...] = ()
    query: str = ""
    all_too: bool = False
    several: bool = False
    text: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    description: str
    time_from: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...] = ()
    refresh: str = "5m"


BARS = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "stacking": {"mode": "normal", "group": "A"}}
POINTS = {"drawStyle": "points", "pointSize": 6}
LINES = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "auto", "spanNulls": True}

LEGEND = {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}
TOOLTIP = {"mode": "multi", "sort": "desc"}


def stat(name: str, title: str, width: int = 4, **more: Any) -> Panel:
    """The newest value of each column, with a line of those before where the SQL gives a time."""
    line = more.get("format") == "time_series"
    options = {
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "graphMode": "area" if line else "none",
        "colorMode": "value",
        "textMode": "auto",
        "orientation": "auto",
        "justifyMode": "auto",
    }
    return Panel(name, title, "stat", width, options=options, **more)


def series(name: str, title: str, width: int, custom: dict[str, Any], **more: Any) -> Panel:
    options = {"legend": LEGEND, "tooltip": TOOLTIP}
    return Panel(name, title, "timeseries", width, format="time_series", custom=custom, options=options, **more)


def bars(name: str, title: str, width: int, *, across: bool = False, **more: Any) -> Panel:
    """A bar for each row, named by the first column; `across` draws them from left to right."""
    options = {
        "orientation": "horizontal" if across else "vertical",
        "stacking": "none",
        "showValue": "auto",
        "barWidth": 0.8,
        "legend": LEGEND,
        "tooltip": TOOLTIP,
    }
    return Panel(name, title, "barchart", width, options=options, **more)


def curve(name: str, title: str, width: int, x: str, **more: Any) -> Panel:
    """Lines over a column of rising numbers."""
    options = {"xField": x, "legend": LEGEND, "tooltip": TOOLTIP}
    return Panel(name, title, "trend", width, custom=LINES, options=options, **more)


def table(name: str, title: str, width: int, **more: Any) -> Panel:
    return Panel(name, title, "table", width, options={"showHeader": True, "cellHeight": "sm"}, **more)
