-- One row per thing (a user, a product, a piece of content, a creator) whose dated history this build may change, and
-- the time since when. Work for the dimensions, and for the facts that point to their versions.
--
-- Changed are the things that the load days speak of, and those they spoke of when they were built last: that record
-- may be gone, or say something else now. Nothing before the earliest such record can change, except where it may be
-- the first record of all: the first version begins at -infinity.
-- Rows of builds that failed are carried on, since some tables may have been built from them and others not.
{{ config(post_hook="analyze {{ this }}") }}
-- depends_on: {{ ref('work_build') }}
{% set previous = built('work_changed') -%}
{% set log = built('work_change_log') -%}
{% set is_full = is_full() -%}
with new_records as (
    {{ change_records() }}
),

touched as (
    select
        thing,
        thing_id,
        changed_at
    from new_records
    {%- if log is not none %}
    union all
    select
        thing,
        thing_id,
        changed_at
    from {{ log }}
    where load_date = any({{ load_days() }})
    {%- endif %}
),

earliest as (
    select
        thing,
        thing_id,
        min(changed_at) as since
    from touched
    group by thing, thing_id
),

changed as (
    select
        earliest.thing,
        earliest.thing_id,
        case
            {%- if log is none %}
            when false then earliest.since
            {%- else %}
            when exists (
                select
                from {{ log }} as log
                where
                    log.thing = earliest.thing
                    and log.thing_id = earliest.thing_id
                    and log.changed_at < earliest.since
                    and log.load_date <> all({{ load_days() }})
            ) then earliest.since
            {%- endif %}
            else '-infinity'
        end as since
    from earliest
    {%- if previous is not none %}
    union all
    select
        thing,
        thing_id,
        since
    from {{ previous }} as previous
    where {{ is_unfinished('previous') }}
    {%- endif %}
)

select
    thing,
    thing_id,
    min(since) as since,
    {{ build_id() }}::bigint as build_id
from changed
{%- if is_full %}
where false -- a full build needs no list
{%- endif %}
group by thing, thing_id
