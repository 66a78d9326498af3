"""Bugs to plant in the dbt project, each with the script that finds it and a table that shows it."""

LOG, SCOPES, CORE = "macros/change_log.sql", "macros/scopes.sql", "macros/core_scopes.sql"
EXTRACTS = "macros/extracts.sql"
SERIES = "window series as (partition by source, target, extract_of order by "
SETTLED = "({{ changes | join(' union all ') }}) as changed"
SIDES = "{%- for side in [fresh, gone] %}"
# name: the script that finds it, the file, what is there, what is there instead, and a table that shows it.
MUTATIONS = {
    "arrivals: what was built from the load days stays": (
        "rows that vanish",
        CORE,
        "['target.load_date = any(' ~ load_days() ~ ')', others]",
        "[others]",
        "core.fact_user_events",
    ),
    "arrivals: repeats are settled only where an arrival changed": (
        "a repeat that comes, goes and comes again in builds that fail before the fact",
        "models/intake/event_repeats.sql",
        "    where known.load_date <> all({{ load_days() }})\n    union",
        "    where false\n    union",
        "core.fact_user_events",
    ),
    "arrivals: events keep the version of their user that was known when they were built": (
        "a user change that arrives late",
        CORE,
        "{%- if execute and is_in_work(log) %}",
        "{%- if execute and thing != 'user' and is_in_work(log) %}",
        "core.fact_user_events",
    ),
    "load day: what a load day said before stays": (
        "a product's change record is corrected",
        SCOPES,
        "{%- if scope.by in ('load_date', 'arrivals') -%}\n        {%- set condition = alias",
        "{%- if scope.by in ('load_date', 'arrivals') -%}\n        {%- set condition = 'false and ' ~ alias",
        "intake.change_records",
    ),
    "thing: changed products are not looked for": (
        "a product's change record is corrected",
        "models/intake/change_records.sql",
        "\"case when thing = 'product' then thing_id end\"",
        "\"case when thing = 'article' then thing_id end\"",
        "core.dim_product",
    ),
    "a fact that points to a version that says something else now is not logged": (
        "a product's change record is corrected",
        LOG,
        "{%- set touched = touched_condition() -%}",
        "{%- set touched = none -%}",
        "marts.mart_sales_by_category",
    ),
    "rows that were deleted are not logged": (
        "rows that vanish",
        LOG,
        SIDES,
        "{%- for side in [fresh] %}",
        "core.fact_sessions",
    ),
    "keys: the key that a row had before is not logged": (
        "a person's first day moves back",
        LOG,
        SIDES,
        "{%- for side in [fresh] %}",
        "marts.mart_cohorts",
    ),
    "keys: one that two builds logged is computed twice": (
        "a new person in a build that fails, and again in the next one",
        SCOPES,
        "select distinct {{ scope['keys'] | join(', ') }} from",
        "select {{ scope['keys'] | join(', ') }} from",
        "summaries.fact_first_active_dates",
    ),
    "what a build that failed has changed is forgotten": (
        "rows that vanish in a build that fails after the fact",
        LOG,
        "where\n        build_id > {{ build_state().last_succeeded }}",
        "where\n        build_id = {{ build_id() }}",
        "core.fact_sessions",
    ),
    "session windows are not closed under the islands of activity": (
        "a late event at the end of an island",
        CORE,
        "and reach.first_start <= sessions.island_end",
        "and false",
        "core.fact_sessions",
    ),
    "the windows of a producer's sessions are as narrow as those of ours": (
        "a late event of a producer's session, hours before the others",
        CORE,
        "{%- set gap = longest_gap('producer_session_id') -%}",
        "{%- set gap = longest_gap(\"''\") -%}",
        "core.fact_sessions",
    ),
    "a day cut at UTC midnight": (
        "late events around midnight in New York, on a Saturday",
        CORE,
        "{{ first_date_from('merged.window_start') }}",
        "(merged.window_start at time zone 'UTC')::date",
        "core.fact_sessions",
    ),
    "date: the days after a changed one are not computed": (
        "the only events of a person vanish",
        SCOPES,
        "generate_series(-{{ scope.before }}, {{ scope.after }})",
        "generate_series(-{{ scope.before }}, 0)",
        "marts.mart_engagement",
    ),
    "date: the days before a changed one are not computed": (
        "a late event within the days before an active day",
        SCOPES,
        "generate_series(-{{ scope.before }}, {{ scope.after }})",
        "generate_series(0, {{ scope.after }})",
        "marts.mart_days_ahead",
    ),
    "person and date: the days before a changed one are not computed": (
        "a late event within the days before an active day",
        SCOPES,
        "min(event_date) - {{ before }} as first_date",
        "min(event_date) as first_date",
        "summaries.fact_active_days",
    ),
    "week: only the first day of a week counts": (
        "a late event in the middle of a week and a month",
        SCOPES,
        "week_of(date) if key == 'week_start'",
        "date if key == 'week_start'",
        "marts.mart_topics_by_week",
    ),
    "person and week: only the first day of a week counts": (
        "a late event in the middle of a week and a month",
        SCOPES,
        "week_of(date) if key == 'week_start'",
        "date if key == 'week_start'",
        "summaries.fact_user_weekly_summary",
    ),
    "month: only the first day of a month counts": (
        "a late event in the middle of a week and a month",
        SCOPES,
        "else month_of(date)",
        "else date",
        "marts.mart_months",
    ),
    "person and month: only the first day of a month counts": (
        "a late event in the middle of a week and a month",
        SCOPES,
        "else month_of(date)",
        "else date",
        "marts.fact_person_months",
    ),
    "person: the changes of a person are not looked for": (
        "a person's first day moves back",
        SCOPES,
        SETTLED,
        SETTLED + " {{ 'limit 0' if scope.by == 'person_id' }}",
        "marts.fact_first_days",
    ),
    "person and date: what a person did stays in the cohort of a first day that has moved": (
        "a person's first day moves back",
        SCOPES,
        "{%- do changes.extend(all_of_persons(changes_of(parent, wanted))) -%}",
        "",
        "summaries.fact_user_active_days",
    ),
    "thing: the changes of what happened to content are not looked for": (
        "a late event in the middle of a week and a month",
        SCOPES,
        SETTLED,
        SETTLED + " {{ 'limit 0' if scope.by == 'content_id' }}",
        "marts.mart_pieces",
    ),
    "an earlier login that arrives later is ignored": (
        "an earlier login of another user arrives later",
        CORE,
        "where spans.user_id is distinct from sightings.user_id",
        "where spans.user_id is null",
        "core.fact_user_events",
    ),
    "a visitor's earlier events stay the visitor's": (
        "an earlier login of another user arrives later",
        CORE,
        "{%- if execute and is_in_work('log__identity_spans__owner') %}",
        "{%- if false %}",
        "core.fact_sessions",
    ),
    "extracts: those that follow the loaded one are not compared anew": (
        "a full extract between two is loaded later",
        EXTRACTS,
        "and loaded.load_date < following.load_date",
        "and false",
        "core.dim_user",
    ),
    "extracts: they are compared in the order in which they were loaded": (
        "a full extract between two is loaded later",
        EXTRACTS,
        f"{SERIES}load_date)",
        f"{SERIES}(select day.published_at from ops.load_day as day where day.load_date = known.load_date))",
        "intake.extract_changes",
    ),
    "extracts: only those are compared anew that are still there": (
        "a full extract that was there is gone",
        EXTRACTS,
        "from ({{ extract_files() }}) as files\n        where",
        "from extracts\n        where",
        "core.dim_user",
    ),
    "extracts: only the next one is compared anew, whole or not": (
        "extracts of which a line is held back, day by day, and the first of them is mended",
        EXTRACTS,
        "and whole.is_whole\n",
        "\n",
        "core.dim_user",
    ),
    "extracts: what a torn one does not hold is new in the next": (
        "extracts of which a line is held back, day by day",
        "models/intake/extract_changes.sql",
        "changes.{{ thing }}_id = here.thing_id\n",
        "changes.{{ thing }}_id = here.thing_id and false\n",
        "restricted.dim_user_personal",
    ),
    "windows: what lies before the dates that changed is not read": (
        "a late event within the days before an active day",
        SCOPES,
        "from {{ scope_table() }}) - {{ before }}",
        "from {{ scope_table() }})",
        "marts.mart_engagement_by_slice",
    ),
    "all: a small table keeps what it had": (
        "the only events of a person vanish",
        "macros/incremental.sql",
        "delete from {{ this }} as target using {{ gone }} as gone\n    where ",
        "delete from {{ this }} as target using {{ gone }} as gone\n    where {{ scope_of(model).by != 'all' }} and ",
        "summaries.active_dates",
    ),
}
# In UTC they are none.
IN_NEW_YORK = {"a day cut at UTC midnight"}


def shown_by(script: str) -> list[str]:
    """The tables in which a script shows bugs, as dbt selects them."""
    return sorted({"+" + table.partition(".")[2] for found_by, *_, table in MUTATIONS.values() if found_by == script})
