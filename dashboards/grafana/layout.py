"""What is on each dashboard: rows of panels, 24 columns wide. The SQL of panel `x` is `sql/x.sql`."""

from dataclasses import dataclass, field
from typing import Any

GREEN, AMBER, RED = "green", "orange", "red"


@dataclass(frozen=True)
class Panel:
    """One panel.

    Attributes:
        name: of its SQL file.
        kind: Grafana's panel type.
        width: columns of 24.
        format: `table`, or `time_series` where the SQL gives `time`, optionally `metric`, and numbers (with `metric`,
            one number: Grafana then names the series by it).
        unit: Grafana's unit of the numbers.
        steps: colours from a value on; the first from minus infinity.
        custom: more of `fieldConfig.defaults.custom`.
        options: more of `options`.
        units: unit of single columns, for tables.
    """

    name: str
    title: str
    kind: str
    width: int
    description: str = ""
    format: str = "table"
    unit: str = "short"
    steps: tuple[tuple[str, float | None], ...] = ((GREEN, None),)
    custom: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    title: str
    height: int
    panels: tuple[Panel, ...]


@dataclass(frozen=True)
class Dashboard:
    uid: str
    title: str
    description: str
    time_from: str
    rows: tuple[Row, ...]


BARS = {"drawStyle": "bars", "fillOpacity": 80, "lineWidth": 0, "stacking": {"mode": "normal", "group": "A"}}
POINTS = {"drawStyle": "points", "pointSize": 6}
LINES = {"drawStyle": "line", "lineWidth": 2, "fillOpacity": 0, "showPoints": "never", "spanNulls": True}


def stat(name: str, title: str, **more: Any) -> Panel:
    return Panel(name, title, "stat", more.pop("width", 4), **more)


def series(name: str, title: str, width: int, custom: dict[str, Any], **more: Any) -> Panel:
    return Panel(name, title, "timeseries", width, format="time_series", custom=custom, **more)


def table(name: str, title: str, width: int, **more: Any) -> Panel:
    return Panel(name, title, "table", width, **more)


RUNS = Dashboard(
    uid="engagement-runs",
    title="Engagement: runs",
    description="Is the daily run healthy: what came in, what was held back, what the audits found, how long it took.",
    time_from="now-30d",
    rows=(
        Row(
            "Now",
            4,
            (
                stat("hours_since_success", "Hours since the last good run",
                     steps=((GREEN, None), (AMBER, 25), (RED, 26)), unit="none"),
                stat("days_published", "Load days published", unit="none"),
                stat("days_waiting", "Days published, not in the marts", unit="none",
                     steps=((GREEN, None), (AMBER, 1), (RED, 3))),
                stat("rows_loaded", "Events and records loaded"),
                stat("quarantined_share", "Lines held back", unit="percentunit",
                     steps=((GREEN, None), (AMBER, 0.02), (RED, 0.05))),
                stat("open_failures", "Critical failures, open", unit="none", steps=((GREEN, None), (RED, 1))),
            ),
        ),
        Row(
            "Engagement",
            8,
            (
                series("active_users", "Active users: day, 7 days, 30 days", 10, LINES),
                series("learners", "Learners, completed content, sessions", 8, LINES),
                series("stickiness", "Stickiness: day over 30 days", 6, LINES, unit="percentunit"),
            ),
        ),
        Row(
            "Runs",
            8,
            (
                series("run_durations", "Duration of runs", 8, POINTS, unit="s"),
                series("build_durations", "Duration of builds, and their days", 8, POINTS),
                table("runs", "Runs", 8, units={"seconds": "s"}),
            ),
        ),
        Row(
            "Load",
            8,
            (
                series("load_volume", "Lines by load day", 12, BARS,
                       description="Lines read = loaded + duplicates + quarantined + skipped."),
                series("repeats", "Events that another load day had brought", 4, BARS),
                series("load_seconds", "Seconds to load a day", 4, POINTS, unit="s"),
                Panel("day_status", "Status of load days", "state-timeline", 4,
                      options={"mergeValues": True, "showValue": "never"}),
            ),
        ),
        Row("Files", 9, (table("files", "Files", 24, units={"quarantined_share": "percentunit", "bytes": "bytes"}),)),
        Row(
            "Quarantine",
            9,
            (
                series("quarantine_by_code", "Lines held back, by error code", 10, BARS),
                table("quarantine_files", "Where, and why", 14),
            ),
        ),
        Row(
            "Audits",
            9,
            (
                series("checks_failed", "Failed checks, by severity", 10, BARS),
                table("failed_checks", "What failed", 14),
            ),
        ),
        Row(
            "Tables",
            9,
            (
                table("table_sizes", "Tables after the last build", 12,
                      units={"bytes": "bytes", "bytes_added": "bytes"}),
                series("table_rows", "Rows of tables", 12, LINES),
            ),
        ),
        Row(
            "dbt",
            9,
            (
                table(
                    "slowest_models", "Slowest models", 8, units={"median_seconds": "s", "slowest_seconds": "s"}
                ),
                series("dbt_seconds", "Seconds in dbt", 6, BARS, unit="s"),
                table("dbt_failures", "Nodes that failed or warned", 10, units={"seconds": "s"}),
            ),
        ),
    ),
)  # fmt: skip

DASHBOARDS = {"engagement_runs.json": RUNS}
