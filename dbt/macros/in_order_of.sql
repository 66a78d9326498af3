{#- In a full build: rows of one date lie together, as they do when days are built one by one. What a later day reads
    is then the same few pages, however long the history. -#}
{% macro in_order_of(column) -%}
    {{ 'order by ' ~ column if is_full() }}
{%- endmacro %}
