"""Alert rules. The SQL of rule `x` is `sql/alerts/x.sql`: no row when all is well, else a number, `trouble`, and words.

A word is a column of text, `{{ .Labels.source }}` in a message. Grafana takes other words for another alert: as long as
it is the same trouble, its words are the same.
"""

from dataclasses import dataclass

WAREHOUSE, AIRFLOW = "warehouse", "airflow"


@dataclass(frozen=True)
class Rule:
    """What is said is a message of five parts: what, since when, what it means, what to do, where to look.

    Attributes:
        name: of its SQL file, and of its heading in docs/operations.md.
        title: what people see first. One title is one message, however many rows the SQL has.
        patience: how long it has to last before it is said.
        panel: of the operations dashboard, where to look.
    """

    name: str
    title: str
    what: str
    since: str
    means: str
    remedy: str
    panel: str
    severity: str = "warning"
    patience: str = "0s"
    database: str = WAREHOUSE


RULES = (
    Rule(
        "day_late",
        "A day is not in the marts by its hour",
        "{{ .Values.A.Value }} load days that are over are not in the marts; the newest that is there is"
        " {{ .Labels.newest_day }}.",
        "The day after {{ .Labels.newest_day }} was due.",
        "Dashboards and reports end too early. Nothing is lost: the day comes when its run does.",
        "Look whether engagement_daily runs at all, and what it waits for or failed at; then clear that task.",
        "Status of load days",
        severity="critical",
    ),
    Rule(
        "rejected_day",
        "A day was rejected by its audit",
        "{{ .Values.A.Value }} load days were rejected, the first of them {{ .Labels.first_day }}.",
        "{{ .Labels.since }}",
        "The day stays as it was published before, or is missing. Other days are not touched.",
        "Read what failed, mend the file or the contract, and clear the run from `load` on.",
        "What failed",
        severity="critical",
    ),
    Rule(
        "failed_run",
        "A run failed",
        "{{ .Values.A.Value }} runs failed and no later one made them good, the first for {{ .Labels.first_day }}.",
        "{{ .Labels.since }}",
        "The days of these runs may be missing from the marts.",
        "Open the run in Airflow: the log of the failed task names the remedy. Then clear that task.",
        "Failed runs that no later one made good",
        severity="critical",
        patience="15m",
    ),
    Rule(
        "marts_wrong",
        "What analysts read failed its audit",
        "{{ .Values.A.Value }} critical checks of the marts failed, such as {{ .Labels.expectation }}.",
        "{{ .Labels.since }}",
        "A number that analysts see is wrong although every model passed.",
        "Read what failed, mend the model or the data, and clear the run from `claim` on.",
        "What fails",
        severity="critical",
    ),
    Rule(
        "volume",
        "A source brought far more or far fewer events than usual",
        "{{ .Labels.source }} brought {{ .Labels.events }} events; {{ .Labels.usual_events }} are usual.",
        "Load day {{ .Labels.load_date }}",
        "A file is missing or came twice, or something happened in the world. The day is in the marts as it came.",
        "Ask the producer. When files come later, load the day again.",
        "Events, and the band in which they are expected",
    ),
    Rule(
        "held_back",
        "Many lines of a source were held back",
        "{{ .Labels.percent }} % of the lines of {{ .Labels.source }} are in quarantine.",
        "Load day {{ .Labels.load_date }}",
        "What is held back is in no number. It is kept, and comes in when it is loaded again.",
        "`make quarantine` names lines and reasons. Mend the contract, then `make replay SOURCE=…`; or land the file"
        " anew.",
        "Where, and why",
    ),
    Rule(
        "drift",
        "The fields of a source changed",
        "{{ .Labels.source }}: {{ .Labels.fields }}.",
        "Load day {{ .Labels.load_date }}",
        "A new field is in the properties only. A field that is gone or of another type may leave a number empty.",
        "Map what is new in the contract, or name it under `ignore`; ask the producer for what is gone.",
        "Fields that are not as on the day before",
    ),
    Rule(
        "freshness",
        "A source has not come for longer than ever",
        "{{ .Labels.source }} has brought nothing for {{ .Values.A.Value }} days; in the 28 days before,"
        " {{ .Labels.longest_gap }} was the most.",
        "{{ .Labels.last_date }}",
        "The numbers go on without this source, and are too low.",
        "Ask the producer. Where it has ended, write its last day as `ends` into the contract.",
        "When each source came last",
    ),
    Rule(
        "size",
        "The warehouse is larger than it should be",
        "It is larger than {{ .Labels.gigabytes }} GB (WAREHOUSE_FULL_AT_GB).",
        "The last look",
        "When the disk is full, PostgreSQL stops, and every run fails.",
        "See which schema grew. Free what is dead, shorten what is kept, or give it more room and raise the setting.",
        "Size by schema",
        patience="30m",
    ),
    Rule(
        "watch_silent",
        "Nobody watches",
        "Airflow's DAG `watch` has not ended well for 45 minutes.",
        "{{ .Labels.since }} (UTC)",
        "Late days and recoveries are not told, and Airflow may stand still altogether.",
        "See whether Airflow's scheduler runs (`make status`, `docker compose ps`), and whether `watch` is paused or"
        " fails.",
        "Days behind",
        severity="critical",
        database=AIRFLOW,
    ),
)
