{#- A model's schema is the one that its folder is configured with; there is no prefix. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}

{#-
    dbt lists what is in every schema at the start of every call. Its own query goes through the whole catalog four times
    for each, and the catalog grows with the partitions of raw.
-#}
{% macro postgres__list_relations_without_caching(schema_relation) %}
    {% call statement('list_relations_without_caching', fetch_result=True) -%}
    select
        '{{ schema_relation.database }}' as database,
        relname as name,
        '{{ schema_relation.schema }}' as schema,
        case relkind when 'v' then 'view' when 'm' then 'materialized_view' else 'table' end as type
    from pg_class
    where
        relnamespace = to_regnamespace('{{ schema_relation.schema }}')
        and relkind in ('r', 'p', 'v', 'm')
    {%- endcall %}
    {{ return(load_result('list_relations_without_caching').table) }}
{% endmacro %}
