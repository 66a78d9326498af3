{#-
    The reporting day. `REPORTING_TIMEZONE` says in which time zone a date is taken, `WEEK_STARTS_ON` with which day a week
    begins. Every date, week and month of events is made here. Load days are another thing: UTC folders.

    The settings are named with their defaults, as macros/definitions.sql finds them: a change rebuilds what calls this.
-#}

{#- The reporting date of a timestamp with time zone. -#}
{% macro date_of(timestamp) -%}
    (({{ timestamp }}) at time zone '{{ reporting_timezone() }}')::date
{%- endmacro %}

{#-
    The earliest date that any moment from `timestamp` on can have, and the latest of any moment up to it. These are not
    always the dates of the moment itself: where a clock is set back over midnight, a later moment can have an earlier
    date. St. John's did so until 2011, at 00:01 by an hour; Casey in 2010, at 02:00 by three. No zone went further back
    since 2010 (tests/dbt/test_reporting_day.py).
-#}
{% macro first_date_from(timestamp) -%}
    {{ date_of(timestamp ~ " - interval '3 hours'") }}
{%- endmacro %}

{% macro last_date_until(timestamp) -%}
    {{ date_of(timestamp ~ " + interval '3 hours'") }}
{%- endmacro %}

{#- The first day of the week, and of the month, in which a date lies. -#}
{% macro week_of(date) -%}
    {%- if week_starts_on() == 'sunday' -%}
    (date_trunc('week', ({{ date }})::timestamp + interval '1 day')::date - 1)
    {%- else -%}
    date_trunc('week', ({{ date }})::timestamp)::date
    {%- endif -%}
{%- endmacro %}

{% macro month_of(date) -%}
    date_trunc('month', ({{ date }})::timestamp)::date
{%- endmacro %}

{#- The first day of the day, week or month (`period`) in which a date lies. -#}
{% macro start_of(period, date) -%}
    {{ {'day': date, 'week': week_of(date), 'month': month_of(date)}[period] }}
{%- endmacro %}

{#-
    The days, weeks and months in which the rows of a table lie by a `date` of theirs: each row comes back once for each,
    as `periods.period` and `periods.period_start`. It follows the table in a `from`. With `all`, one period is all of time;
    it starts with 1970, so that it has a start.
-#}
{% macro periods_of(date, periods=['day', 'week', 'month']) -%}
    cross join lateral (
        values
        {%- for period in periods %}
        ('{{ period }}', {{ "date '1970-01-01'" if period == 'all' else start_of(period, date) }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as periods (period, period_start)
{%- endmacro %}

{#- The same, of the periods that a model whose scope is by `periods` computes in this build. -#}
{% macro periods_in_scope(date, periods=['day', 'week', 'month']) -%}
    {%- if is_full() -%}
    {{ periods_of(date, periods) }}
    {%- else -%}
    inner join {{ scope_table() }} as periods
        on
            {{ date }} >= periods.period_start
            and {{ date }} < (periods.period_start + ('1 ' || periods.period)::interval)::date
            and periods.period in ('{{ periods | join("', '") }}')
    {%- endif -%}
{%- endmacro %}

{#- Whether a date lies in one of these periods, for what is read once for all of them. -#}
{% macro is_in_periods(date) -%}
    {%- if is_full() -%}
    true
    {%- else -%}
    {{ date }} in (
            select days.day::date
            from {{ scope_table() }} as periods
            cross join lateral generate_series(
                periods.period_start::timestamp,
                periods.period_start + ('1 ' || periods.period)::interval - interval '1 day',
                interval '1 day'
            ) as days (day)
        )
    {%- endif -%}
{%- endmacro %}

{% macro reporting_timezone() %}
    {%- set zone = env_var('REPORTING_TIMEZONE', 'UTC') -%}
    {%- if zone not in modules.pytz.all_timezones -%}
        {{ exceptions.raise_compiler_error(
            "REPORTING_TIMEZONE='" ~ zone ~ "' is no time zone. Remedy: set it in .env to a name of the IANA database, "
            ~ "such as America/New_York; without it days are those of UTC."
        ) }}
    {%- endif -%}
    {%- do return(zone) -%}
{% endmacro %}

{% macro week_starts_on() %}
    {%- set weekday = env_var('WEEK_STARTS_ON', 'monday') -%}
    {%- if weekday not in ('monday', 'sunday') -%}
        {{ exceptions.raise_compiler_error(
            "WEEK_STARTS_ON='" ~ weekday ~ "' is not a first day of the week. Remedy: set it in .env to monday or sunday."
        ) }}
    {%- endif -%}
    {%- do return(weekday) -%}
{% endmacro %}
