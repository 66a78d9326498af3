{#-
    Per actor, the dates whose row in `fact_active_days` may change: each changed date and the 30 before it, merged into
    disjoint spans so that no date is handled twice.
-#}
{% macro affected_spans() -%}
    select
        actor_id,
        min(event_date) - {{ var('longest_window_days') }} as first_date,
        max(event_date) as last_date
    from (
        select
            actor_id,
            event_date,
            count(*) filter (where is_new) over (partition by actor_id order by event_date) as span_no
        from (
            select
                actor_id,
                event_date,
                (
                    event_date - lag(event_date) over (partition by actor_id order by event_date)
                    > {{ var('longest_window_days') }}
                ) is not false as is_new
            from {{ ref('work_actor_window') }}
        ) as begun
    ) as numbered
    group by actor_id, span_no
{%- endmacro %}

{#- The dates on which anybody's day may change, and those up to `before` days before and `after` days after them. -#}
{% macro affected_dates(before=0, after=0) -%}
    select distinct changed.event_date + shifts.days as affected_date
    from (
        select distinct event_date
        from {{ ref('work_actor_window') }}
    ) as changed
    cross join generate_series(-{{ before }}, {{ after }}) as shifts (days)
{%- endmacro %}
