{#-
    The slices that engagement is counted by: all, a dimension and a value, or two of them. As text, its parts behind each
    other with a character between that no value has. `slice_columns` takes them apart.
-#}

{#- The slices that a row is in, as an array. -#}
{% macro slices(row) -%}
    {%- set surface -%}
    case
                when {{ row }}.platform in ('ios', 'android') then 'mobile'
                when {{ row }}.platform = 'web' then 'web'
                else 'other'
            end
    {%- endset -%}
    {%- set region -%}
    case when {{ row }}.country = any({{ text_array(var('dach_countries')) }}) then 'DACH' end
    {%- endset -%}
    {%- set sql = {
        'platform': row ~ '.platform', 'country': row ~ '.country', 'plan': row ~ '.plan', 'channel': row ~ '.channel',
        'surface': surface, 'region': region,
    } -%}
    array_remove(
        array[
            'all'
            {%- for dimensions in [
                ['platform'], ['country'], ['plan'], ['channel'], ['surface'], ['region'],
                ['platform', 'country'], ['platform', 'plan'], ['country', 'plan'], ['region', 'surface'],
            ] %},
            {% for dimension in dimensions -%}
            '{{ dimension }}' || chr(31) || {{ sql[dimension] }}{{ ' || chr(31) || ' if not loop.last }}
            {%- endfor %}
            {%- endfor %}
        ],
        null
    )
{%- endmacro %}

{#- The first dimension of a slice, its value, the second dimension (null without one), its value. -#}
{% macro slice_columns(slice) -%}
    split_part({{ slice }}, chr(31), 1) as dimension,
    case when {{ slice }} = 'all' then 'all' else split_part({{ slice }}, chr(31), 2) end as value,
    nullif(split_part({{ slice }}, chr(31), 3), '') as dimension_2,
    nullif(split_part({{ slice }}, chr(31), 4), '') as value_2
{%- endmacro %}
