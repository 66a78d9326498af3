"""Operations: is today in the marts, what came in, what was held back, how long it took."""

from dashboards.grafana.layout import (
    AMBER,
    BARS,
    GREEN,
    LINES,
    POINTS,
    RED,
    Dashboard,
    Panel,
    Row,
    Variable,
    series,
    stat,
    table,
)

# Runs in Airflow. The address is what is written at the top of the dashboard.
RUN = ("Open it in Airflow", "${airflow}/dags/${__data.fields.dag}/runs/${__data.fields.run}")
ALL_SOURCES = "Of all sources, whichever is chosen."
NONE_OF_IT = ((GREEN, None), (RED, 1))

OPERATIONS = Dashboard(
    uid="engagement-operations",
    title="Engagement: operations",
    description="Is the daily run healthy: what came in, what was held back, what the audits found, how long it took.",
    time_from="now-30d",
    refresh="1m",
    variables=(
        # Not named `source`, as a site that visitors come from is: dashboards hand on what is chosen, by name.
        Variable("landed", "Source", all_too=True, several=True),
        Variable("airflow", "Airflow's address", text="http://127.0.0.1:8080"),
    ),
    rows=(
        Row("Now", 5, (
            stat("operations/days_behind", "Days behind", 3, unit="none", steps=NONE_OF_IT,
                 description="Load days that are over and lie after the newest that is in the marts."),
            table("operations/newest_day", "In the marts, and since when (UTC)", 5),
            stat("operations/days_waiting", "Days published, not in the marts", 3, unit="none",
                 steps=((GREEN, None), (AMBER, 1), (RED, 3))),
            stat("operations/unaccounted", "Lines read, and in no account", 4, unit="none", steps=NONE_OF_IT,
                 columns=("read, and in no account",),
                 description="Read - loaded - duplicates - quarantined - skipped, of all sources. Not 0: one is lost."),
            stat("operations/quarantined_share", "Lines held back", 3, unit="percentunit",
                 steps=((GREEN, None), (AMBER, 0.02), (RED, 0.05))),
            stat("operations/open_failures", "Critical failures, open", 3, unit="none", steps=NONE_OF_IT),
            stat("operations/hours_since_success", "Since the last good run", 3, unit="h",
                 steps=((GREEN, None), (AMBER, 25), (RED, 26))),
        )),
        Row("Open", 7, (
            table("operations/alerts", "What people were told, and is not over", 9),
            table("operations/open_checks", "What fails", 8),
            table("operations/failed_runs", "Failed runs that no later one made good", 7, to={"run": RUN}),
        )),
        Row("Runs", 8, (
            series("operations/run_durations", "Duration of runs", 8, POINTS, unit="s"),
            series("operations/build_durations", "Duration of builds, and their days", 6, POINTS),
            table("operations/runs", "Runs", 10, units={"seconds": "s"}, to={"run": RUN}),
        )),
        Row("Tasks, as Airflow has them", 8, (
            series("airflow/task_seconds", "Seconds of a day's run, by task", 8, BARS, unit="s", database="airflow"),
            series("airflow/waiting", "Queued before they start", 5, LINES, unit="s", database="airflow"),
            table("airflow/retries", "Tasks that were tried again, or failed", 5, database="airflow"),
            table("airflow/failures", "Failed tasks", 6, database="airflow", to={"run": RUN}),
        )),
        Row("Load", 8, (
            series("operations/load_volume", "Lines by load day", 8, BARS,
                   description="Lines read = loaded + duplicates + quarantined + skipped."),
            series("operations/volume_by_source", "Loaded, by source", 8, BARS),
            series("operations/load_seconds", "Seconds to load a day", 4, POINTS, unit="s"),
            Panel("operations/day_status", "Status of load days", "state-timeline", 4,
                  options={"mergeValues": True, "showValue": "never"}),
        )),
        Row("Sources", 8, (
            table("operations/freshness", "When each source came last", 7, colored=("days silent",),
                  steps=((GREEN, None), (AMBER, 1), (RED, 2)),
                  description="Overdue: away longer than ever in the 28 days before."),
            table("operations/volume_band", "Events, and the band in which they are expected", 9,
                  description="Between a third and three times of the median of the seven days before."),
            table("operations/drift", "Fields that are not as on the day before", 8),
        )),
        Row("Files", 9, (
            table("operations/files", "Files", 24, units={"quarantined_share": "percentunit", "bytes": "bytes"}),
        )),
        Row("Quarantine", 9, (
            series("operations/quarantine_by_code", "Lines held back, by error code", 10, BARS),
            table("operations/quarantine_files", "Where, and why", 14),
        )),
        Row("Late", 8, (
            series("operations/late", "Events by days from the event to the load day", 10, BARS),
            table("operations/lateness", "How late events are", 7, units={"share": "percentunit"}, bars=("share",)),
            series("operations/repeats", "Events that another load day had brought", 7, BARS, description=ALL_SOURCES),
        )),
        Row("Audits", 9, (
            series("operations/checks_failed", "Failed checks, by severity", 10, BARS),
            table("operations/failed_checks", "What failed", 14),
        )),
        Row("Tables", 9, (
            table("operations/table_changes", "After the last build, and what the 28 builds before were like", 14,
                  units={"bytes": "bytes"},
                  description="Nine of ten builds before grew the table by a number of rows in the band."),
            series("operations/table_rows", "Rows of tables", 10, LINES),
        )),
        Row("Models", 9, (
            table("operations/model_speed", "Models of this week, slowest first", 9, colored=("times as long",),
                  steps=((GREEN, None), (AMBER, 1.5), (RED, 3)), units={
                      "median": "s", "the week before": "s", "slowest": "s", "times as long": "none"}),
            series("operations/dbt_seconds", "Seconds in dbt", 6, BARS, unit="s"),
            table("operations/dbt_failures", "Nodes that failed or warned", 9, units={"seconds": "s"}),
        )),
        Row("The next build", 8, (
            table("operations/pending", "What it computes anew, and why", 12),
            table("operations/slowest_models", "Slowest models of the range", 12,
                  units={"median_seconds": "s", "slowest_seconds": "s"}),
        )),
        Row("Server", 9, (
            stat("operations/server", "Now", 7, unit="none", units={"size": "bytes"}),
            series("operations/schema_sizes", "Size by schema", 9, LINES, unit="bytes"),
            table("operations/dead_rows", "Dead rows", 8, units={"share": "percentunit"}, colored=("share",),
                  steps=((GREEN, None), (AMBER, 0.2), (RED, 0.5))),
        )),
    ),
)  # fmt: skip
