{#- The scopes that only single models have: `fact_user_events`, `identity_spans` and `fact_sessions`. -#}

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

{#-
    Which of the built events a build replaces, as conditions no two of which hold for one event (joined by `or`, they would
    have the whole fact scanned): those of the load days; of the others, those that are settled anew, and those that the
    new rows take over.
-#}
{% macro events_to_replace(new_rows) -%}
    {%- set others -%}
    target.load_date <> all({{ load_days() }})
    and (target.event_id, target.source) in (
        select event_id, source from {{ scope_table() }}
        union
        select event_id, source from {{ new_rows }} where load_date <> all({{ load_days() }})
    )
    {%- endset -%}
    {%- do return(['target.load_date = any(' ~ load_days() ~ ')', others]) -%}
{%- endmacro %}

{#-
    Common table expressions, `settled` and `new_sightings`: the events with both a visitor id and a user id that this
    build takes from raw, of each the arrival that counts.
-#}
{% macro sightings() -%}
    {%- set both = "anonymous_id is not null and user_id is not null and not is_bot" -%}
    {%- set columns = 'source, event_id, anonymous_id, user_id, event_ts' -%}
    settled as (
        {%- if is_full() %}
        select distinct event_id, source from {{ ref('event_repeats') }}
        {%- else %}
        {%- set log = {'name': 'event', 'columns': {'event_id': 'event_id', 'source': 'source'}} -%}
        {%- set repeats = node_of('event_repeats') if execute else none %}
        {{ events_to_settle([changes_of(repeats, log)] if execute and is_in_work(log_name(repeats, log)) else []) }}
        {%- endif %}
    ),

    new_sightings as (
        select {{ columns }}
        from {{ ref('stg_user_events') }} as arrivals
        where
            arrivals.load_date = any({{ load_days() }})
            and {{ both }}
            and not exists (
                select
                from {{ ref('event_repeats') }} as repeats
                where
                    repeats.event_id = arrivals.event_id
                    and repeats.source = arrivals.source
                    and repeats.load_date = arrivals.load_date
                    and repeats.load_date = any({{ load_days() }})
            )
        union all
        select {{ columns }}
        from (
            select distinct on (source, event_id) *
            from {{ ref('event_repeats') }}
            where (event_id, source) in (select settled.event_id, settled.source from settled)
            order by source, event_id, load_date, file_no, line_no
        ) as first_of_repeats
        where {{ both }}
    )
{%- endmacro %}

{#-
    Visitor ids whose spans may change: seen with another user than the one to whom that moment belongs, or not seen any
    more where they were; and those of builds that failed. A sighting that agrees with the spans changes none.
-#}
{% macro visitors_to_settle() -%}
    with {{ sightings() }},

    old_sightings as (
        select source, event_id, anonymous_id, user_id, event_ts
        from {{ built('fact_user_events') }} as fact
        where
            load_date = any({{ load_days() }})
            and anonymous_id is not null
            and user_id is not null
            and not {{ was_program('fact') }}
        union all
        select fact.source, fact.event_id, fact.anonymous_id, fact.user_id, fact.event_ts
        from {{ built('fact_user_events') }} as fact
        inner join settled on fact.event_id = settled.event_id and fact.source = settled.source
        where
            fact.load_date <> all({{ load_days() }})
            and fact.anonymous_id is not null
            and fact.user_id is not null
            and not {{ was_program('fact') }}
    )

    select sightings.anonymous_id
    from (select distinct anonymous_id, user_id, event_ts from new_sightings) as sightings
    left join {{ this }} as spans
        on
            sightings.anonymous_id = spans.anonymous_id
            and sightings.event_ts > spans.after_ts
            and sightings.event_ts <= spans.until_ts
    where spans.user_id is distinct from sightings.user_id
    union
    select anonymous_id
    from (select * from old_sightings except select * from new_sightings) as gone
    {%- if is_in_work('log__identity_spans__owner') %}
    union
    select anonymous_id
    from work.log__identity_spans__owner
    where build_id > {{ build_state().last_succeeded }}
    {%- endif %}
{%- endmacro %}

{#- Visitor ids of which another user is the owner now, and between which times. -#}
{% macro owners_changed() -%}
    {%- if execute and is_in_work('log__identity_spans__owner') %}
    select
        anonymous_id,
        min(after_ts) as after_ts,
        max(until_ts) as until_ts
    from work.log__identity_spans__owner
    where build_id > {{ build_state().last_succeeded }}
    group by anonymous_id
    {%- else %}
    select
        null::text as anonymous_id,
        null::timestamptz as after_ts,
        null::timestamptz as until_ts
    where false
    {%- endif %}
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

{#- The producer's session id, where it makes the sessions; empty where idle minutes do. -#}
{% macro producer_session_id(relation=none) -%}
    {%- set prefix = relation ~ '.' if relation else '' -%}
    case when {{ prefix }}is_producer_session then {{ prefix }}session_id else '' end
{%- endmacro %}

{#- How long activity may pause within one island (fact_sessions). -#}
{% macro longest_gap(producer_session_id) -%}
    case
        when {{ producer_session_id }} = '' then interval '{{ var("session_idle_minutes") }} minutes'
        else interval '{{ var("session_hours_at_most") }} hours'
    end
{%- endmacro %}

{#-
    Per person and producer's session id, the disjoint spans of time in which sessions may change: a row for each date that
    the span may reach, all with the whole span. They are joined by these keys and the date, and by the time between: a
    moment has one date and lies in one span at most, so nothing is joined twice. A span is not cut at midnight, which
    some zones have twice or not at all.

    A span reaches the longest gap beyond the events that changed, and takes in every island of activity that it
    overlaps, as the sessions have it. So an event outside is unchanged, and so is its distance of more than that gap to
    everything inside: sessionising the inside alone is exact. Islands lie more than that gap apart: to take one in
    reaches no other.
-#}
{% macro session_windows(changes) -%}
    {%- set gap = longest_gap('producer_session_id') -%}
    with windows as (
        select
            person_id,
            producer_session_id,
            min(first_ts) - {{ gap }} as span_start,
            max(last_ts) + {{ gap }} as span_end,
            true as is_window
        from (
            {%- if changes %}
            {{ changes[0] }}
            {%- else %}
            select
                person_id,
                producer_session_id,
                session_date as event_date,
                started_at as first_ts,
                started_at as last_ts
            from {{ this }}
            where false
            {%- endif %}
        ) as changed
        group by person_id, producer_session_id, event_date
    ),

    spans as (
        select *
        from windows
        union all
        select distinct
            sessions.person_id,
            sessions.producer_session_id,
            sessions.island_start as span_start,
            sessions.island_end as span_end,
            false as is_window
        from (
            select
                person_id,
                producer_session_id,
                min(span_start) as first_start,
                max(span_end) as last_end
            from windows
            group by person_id, producer_session_id
        ) as reach
        inner join {{ this }} as sessions
            on
                reach.person_id = sessions.person_id
                and reach.producer_session_id = sessions.producer_session_id
                and reach.first_start <= sessions.island_end
                and reach.last_end >= sessions.island_start
    ),

    -- Spans that overlap or touch make one.
    begun as (
        select
            *,
            coalesce(
                span_start > max(span_end) over (
                    partition by person_id, producer_session_id
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
                partition by person_id, producer_session_id
                order by span_start, span_end
                rows unbounded preceding
            ) as merged_no
        from begun
    ),

    merged as (
        select
            person_id,
            producer_session_id,
            min(span_start) as window_start,
            max(span_end) as window_end
        from numbered
        group by person_id, producer_session_id, merged_no
        having bool_or(is_window)
    )

    select
        merged.person_id,
        merged.producer_session_id,
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
