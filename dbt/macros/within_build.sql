{#-
    Tests of large tables look at what the running build may have written, and at everything when no build runs or
    everything was computed anew. The work tables are looked up and not ref'd: a test with one parent runs
    in that model's task.
-#}
{% macro within_build(within, date_column) -%}
    {%- set state = build_state() -%}
    {%- if state.is_full or not state.load_dates -%}
        true
    {%- elif within == 'load_days' -%}
        load_date = any({{ load_days() }})
    {%- elif within == 'actor_dates' -%}
        exists (
            select
            from {{ built('work_actor_window') }} as windows
            where
                windows.actor_id = model.actor_id
                and windows.event_date = model.{{ date_column }}
        )
    {%- elif within == 'actor_weeks' -%}
        exists (
            select
            from {{ built('work_actor_window') }} as windows
            where
                windows.actor_id = model.actor_id
                and date_trunc('week', windows.event_date::timestamp)::date = model.{{ date_column }}
        )
    {%- endif -%}
{%- endmacro %}
