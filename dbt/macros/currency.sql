{#-
    The currency that amounts are converted to. Named with its default, as macros/definitions.sql finds it: a change
    rebuilds what calls this.
-#}
{% macro reporting_currency() %}
    {%- set currency = env_var('REPORTING_CURRENCY', 'EUR') -%}
    {%- if not modules.re.fullmatch('[A-Z]{3}', currency) -%}
        {{ exceptions.raise_compiler_error(
            "REPORTING_CURRENCY='" ~ currency ~ "' is not a currency. Remedy: set it in .env to a code of ISO 4217, "
            ~ "such as EUR."
        ) }}
    {%- endif -%}
    {%- do return(currency) -%}
{% endmacro %}
