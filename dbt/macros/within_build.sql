{#-
    Tests of what grows look at what the running build may have written; at everything when it computed everything anew,
    or when no build runs. The work tables are looked up and not ref'd: a test with one parent runs in that
    model's task.

    within: `load_days` (by load_date), `actor_dates` and `actor_weeks` (by actor_id and `column`), `dates` (by `column`),
    `user`, `product`, `content`, `creator` (by `column`, the id), or `full` for what only a full build writes.
-#}
{% macro within_build(within, column=none) -%}
    {%- set state = build_state() -%}
    {%- if state.is_full or not state.load_dates -%}
        true
    {%- elif within == 'full' -%}
        false
    {%- elif within == 'load_days' -%}
        load_date = any({{ load_days() }})
    {%- elif within in ('actor_dates', 'actor_weeks') -%}
        exists (
            select
            from {{ built('work_actor_window') }} as windows
            where
                windows.actor_id = model.actor_id
                {%- if within == 'actor_dates' %}
                and windows.event_date = model.{{ column }}
                {%- else %}
                and date_trunc('week', windows.event_date::timestamp)::date = model.{{ column }}
                {%- endif %}
        )
    {%- elif within == 'dates' -%}
        model.{{ column }} in (
            select windows.event_date
            from {{ built('work_actor_window') }} as windows
        )
    {%- else -%}
        model.{{ column }} in (
            select work_changed.thing_id
            from {{ built('work_changed') }} as work_changed
            where work_changed.thing = '{{ within }}'
        )
    {%- endif -%}
{%- endmacro %}
