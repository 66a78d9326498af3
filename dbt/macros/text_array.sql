{#- A list of plain words as an array of text. -#}
{% macro text_array(words) -%}
    '{ {{- words | join(',') -}} }'::text[]
{%- endmacro %}
