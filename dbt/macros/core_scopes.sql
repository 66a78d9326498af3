{#- The two scopes that only the core has: of `fact_user_events` and of `fact_sessions`. -#}

{#-
    Keys of events that arrived on several load days and must be settled anew: of which an arrival changed, or which
    arrived on the load days of this build.
-#}
{% macro events_to_settle(changes) -%}
    {%- for change in changes %}
    {{ change }}
    union
    {%- endfor %}
    select
        event_id,
        source
    from {{ ref('event_repeats') }}
    where load_date = any({{ load_days() }})
{%- endmacro %}

{#- Of the built events: those of the load days, those that are settled anew, and those that the new rows take over. -#}
{% macro events_to_replace(new_rows) -%}
    target.load_date = any({{ load_days() }})
    or (target.event_id, target.source) in (
        select event_id, source from {{ scope_table() }}
        union
        select event_id, source from {{ new_rows }} where load_date <> all({{ load_days() }})
    )
{%- endmacro %}

{#- Things whose history changed in this build, and since when; `thing` is user, product or content. -#}
{% macro changed_since(thing) -%}
    {%- set log = 'log__dim_' ~ thing ~ '__since' -%}
    {%- if execute and is_in_work(log) %}
    select
        {{ thing }}_id as thing_id,
        min(since) as since
    from work.{{ log }}
    where build_id > {{ build_state().last_succeeded }}
    group by {{ thing }}_id
    {%- else %}
    select
        null::text as thing_id,
        null::timestamptz as since
    where false
    {%- endif %}
{%- endmacro %}

{#-
    Per actor, the disjoint spans of time in which sessions may change: a row for each date that the span may reach, all
    with the whole span. They are joined by actor and date, and by the time between: a moment has one date and lies in
    one span at most, so nothing is joined twice. A span is not cut at midnight, which some zones have twice or not at all.

    A span reaches the idle time beyond the events that changed, and takes in every island of activity that it overlaps,
    as the sessions have it. So an event outside is unchanged, and so is its distance of more than the idle time to
    everything inside: sessionising the inside alone is exact. Islands lie more than the idle time apart: to take one in
    reaches no other.
-#}
{% macro session_windows(changes) -%}
    {%- set idle = "interval '" ~ var('session_idle_minutes') ~ " minutes'" -%}
    with windows as (
        select
            actor_id,
            min(first_ts) - {{ idle }} as span_start,
            max(last_ts) + {{ idle }} as span_end,
            true as is_window
        from (
            {%- if changes %}
            {{ changes[0] }}
            {%- else %}
            select
                actor_id,
                session_date as event_date,
                started_at as first_ts,
                started_at as last_ts
            from {{ this }}
            where false
            {%- endif %}
        ) as changed
        group by actor_id, event_date
    ),

    spans as (
        select *
        from windows
        union all
        select distinct
            sessions.actor_id,
            sessions.island_start as span_start,
            sessions.island_end as span_end,
            false as is_window
        from (
            select
                actor_id,
                min(span_start) as first_start,
                max(span_end) as last_end
            from windows
            group by actor_id
        ) as reach
        inner join {{ this }} as sessions
            on
                reach.actor_id = sessions.actor_id
                and reach.first_start <= sessions.island_end
                and reach.last_end >= sessions.island_start
    ),

    -- Spans that overlap or touch make one.
    begun as (
        select
            *,
            coalesce(
                span_start > max(span_end) over (
                    partition by actor_id
                    order by span_start, span_end
                    rows between unbounded preceding and 1 preceding
                ),
                true
            ) as is_new
        from spans
    ),

    numbered as (
        select
            *,
            count(*) filter (where is_new) over (
                partition by actor_id
                order by span_start, span_end
                rows unbounded preceding
            ) as merged_no
        from begun
    ),

    merged as (
        select
            actor_id,
            min(span_start) as window_start,
            max(span_end) as window_end
        from numbered
        group by actor_id, merged_no
        having bool_or(is_window)
    )

    select
        merged.actor_id,
        dates.day::date as event_date,
        merged.window_start,
        merged.window_end
    from merged
    cross join lateral generate_series(
        {{ first_date_from('merged.window_start') }}::timestamp,
        {{ last_date_until('merged.window_end') }}::timestamp,
        interval '1 day'
    ) as dates (day)
{%- endmacro %}
