-- One row per arrival of an event that arrived on more than one load day (or did, when its key was last looked at).
--
-- Whole rows: when the first arrival vanishes from its load day, the next one takes its place in the fact without a
-- look at other load days. Within one load day an event is unique: the loader counts the others as duplicates.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[{'columns': ['event_id', 'source', 'load_date'], 'unique': true}, {'columns': ['load_date']}],
    meta={'scope': {'by': 'load_date'}},
    post_hook="analyze {{ this }} (source, event_id, load_date)",
) }}
{% set fact = built('fact_user_events') -%}
with arrivals as not materialized ( -- keys are looked for in narrow rows; few whole ones are needed
    select *
    from {{ ref('stg_user_events') }}
    where load_date = any({{ load_days() }})
),

repeated_keys as (
    {%- if is_full() %}
    select
        source,
        event_id
    from arrivals
    group by source, event_id
    having count(*) > 1
    {%- else %}
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
    -- is known to have arrived on another day, which the fact does not tell when a build failed before it
    select
        arrivals.source,
        arrivals.event_id
    from arrivals
    inner join {{ this }} as known
        on
            arrivals.event_id = known.event_id
            and arrivals.source = known.source
    where known.load_date <> all({{ load_days() }})
    union
    -- had arrived on one of these days, when that was built last
    select
        source,
        event_id
    from {{ this }}
    where load_date = any({{ load_days() }})
    {%- endif %}
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
    {%- if not is_full() %}
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
    {%- endif %}
)

select * from repeats
