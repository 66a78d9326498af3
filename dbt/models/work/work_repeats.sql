-- One row per arrival of an event that arrived on more than one load day (or did, when its key was last looked at).
--
-- Kept for good, whole rows: when the first arrival vanishes from its load day, the next one takes its place in the
-- fact without a look at other load days. Rows whose build has not succeeded yet are the keys to settle anew.
-- Within one load day an event is unique: the loader counts the others as duplicates.
-- depends_on: {{ ref('work_build') }}
{{ config(
    materialized='incremental',
    incremental_strategy='affected',
    indexes=[{'columns': ['event_id', 'source']}, {'columns': ['load_date']}, {'columns': ['build_id']}],
    meta={
        'keep': true,
        'deletes': [
            "delete from {{ this }} where load_date = any({{ load_days() }})",
            "delete from {{ this }} as target using __new_rows__ as new_rows
             where target.event_id = new_rows.event_id and target.source = new_rows.source",
        ],
    },
    post_hook="analyze {{ this }}",
) }}
{% set fact = built('fact_user_events') -%}
with arrivals as not materialized ( -- keys are looked for in narrow rows; few whole ones are needed
    select *
    from {{ ref('stg_user_events') }}
    where load_date = any({{ load_days() }})
),

{% if is_full() -%}
repeated_keys as (
    select
        source,
        event_id
    from arrivals
    group by source, event_id
    having count(*) > 1
),

repeats as (
    select {{ event_columns('arrivals') }}
    from arrivals
    inner join repeated_keys
        on
            arrivals.event_id = repeated_keys.event_id
            and arrivals.source = repeated_keys.source
)

select
    *,
    0::bigint as build_id
from repeats
{%- else -%}
repeated_keys as (
    -- arrived on another day, too
    select
        arrivals.source,
        arrivals.event_id
    from arrivals
    inner join {{ fact }} as fact
        on
            arrivals.event_id = fact.event_id
            and arrivals.source = fact.source
    where fact.load_date <> all({{ load_days() }})
    {%- if build_state().load_dates | length > 1 %}
    union
    -- arrived on several of these days
    select
        source,
        event_id
    from arrivals
    group by source, event_id
    having count(*) > 1
    {%- endif %}
    union
    -- had arrived on one of these days, when that was built last
    select
        source,
        event_id
    from {{ this }}
    where load_date = any({{ load_days() }})
    union
    -- left over from a build that failed
    select
        source,
        event_id
    from {{ this }} as unfinished
    where {{ is_unfinished('unfinished') }}
),

repeats as (
    select {{ event_columns('arrivals') }}
    from arrivals
    where
        exists ( -- the keys are few, which a join would not be planned for: nothing is known of a fresh partition
            select
            from repeated_keys
            where
                repeated_keys.event_id = arrivals.event_id
                and repeated_keys.source = arrivals.source
        )
    union all
    -- the arrivals of other days that are known to be repeats already
    select {{ event_columns('known') }}
    from {{ this }} as known
    inner join repeated_keys
        on
            known.event_id = repeated_keys.event_id
            and known.source = repeated_keys.source
    where known.load_date <> all({{ load_days() }})
    union all
    -- and the one arrival of a key that was alone so far
    select {{ event_columns('fact') }}
    from {{ fact }} as fact
    inner join repeated_keys
        on
            fact.event_id = repeated_keys.event_id
            and fact.source = repeated_keys.source
    where
        fact.load_date <> all({{ load_days() }})
        and not exists (
            select
            from {{ this }} as known
            where
                known.event_id = fact.event_id
                and known.source = fact.source
                and known.load_date = fact.load_date
        )
)

select
    *,
    {{ build_id() }}::bigint as build_id
from repeats
{%- endif %}
