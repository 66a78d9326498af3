{#-
    Who is left out everywhere: programs, by their user agents, and internal users, by `INTERNAL_USERS`. The fact says both as
    `is_bot`, which everything that counts people looks at. Without internal users, what is made is as if there were no such
    setting.
-#}

{#- The ids that are left out, as patterns of `like`; `*` stands for anything. -#}
{% macro internal_users() %}
    {%- set patterns = [] -%}
    {%- for id in env_var('INTERNAL_USERS', '').split(',') | map('trim') if id -%}
        {%- do patterns.append(
            "'" ~ (id | replace('\\', '\\\\') | replace('%', '\\%') | replace('_', '\\_') | replace('*', '%')
            | replace("'", "''")) ~ "'"
        ) -%}
    {%- endfor -%}
    {%- do return(patterns) -%}
{% endmacro %}

{#- Whether an event was sent by a program: what staging says. -#}
{% macro is_program(user_agent) -%}
    coalesce({{ user_agent }} ~* '{{ var("bot_pattern") }}', false)
{%- endmacro %}

{#- The same for a row of the fact, whose `is_bot` may mean an internal user. -#}
{% macro was_program(alias) -%}
    {%- if internal_users() -%} {{ is_program(alias ~ '.user_agent') }} {%- else -%} {{ alias }}.is_bot {%- endif -%}
{%- endmacro %}

{#- Whether an event is left out: `person`, its user id, else its visitor id. -#}
{% macro is_left_out(alias, person) -%}
    {%- if internal_users() -%}
    ({{ was_program(alias) }} or {{ person }} like any(array[{{ internal_users() | join(', ') }}]))
    {%- else -%}
    {{ alias }}.is_bot
    {%- endif -%}
{%- endmacro %}
