{#- How the definition of a funnel is read, and what is wrong with it said: see macros/funnels.sql. -#}

{#- What the model of runs says of its funnels: see `funnels`. -#}
{% macro funnels_of(runs) %}
    {%- set found = [] -%}
    {%- if execute -%}
        {%- set alias = runs.identifier.removeprefix('__dbt__cte__') -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.alias == alias and node.config.meta.get('funnels') -%}
            {%- do found.extend(node.config.meta.funnels) -%}
        {%- endfor -%}
        {%- if not found -%}
            {{ exceptions.raise_compiler_error(
                model.name ~ ": funnel_steps counts the runs of " ~ runs.identifier ~ ", which is no model whose "
                ~ "body is "
                ~ "`funnel`. Remedy: make that model, and call funnel_steps(ref('its name'))."
            ) }}
        {%- endif -%}
    {%- endif -%}
    {%- do return(found) -%}
{% endmacro %}

{#- Whole days that a number of seconds needs. -#}
{% macro days_of(seconds) %}
    {%- do return((seconds + 86399) // 86400) -%}
{% endmacro %}

{#-
    Reads a definition, or raises an error that names the funnel. `conditions` takes what its events must fit; the
    funnel says which by their numbers.

    Of the result: steps: the number of each; gaps: for each two steps, the number of what is excluded between, or none.
-#}
{% macro read_funnel(definition, conditions) %}
    {%- set name = definition.name -%}
    {%- set order, attribution = definition.order or 'ordered', definition.get('attribution', 'first') -%}
    {%- set wrong = 'Funnel ' ~ name ~ ': ' -%}
    {%- if not modules.re.match('^[A-Za-z0-9_]+$', name) -%}
        {{ exceptions.raise_compiler_error(wrong ~ "this is no name. Remedy: letters, digits and underscores.") }}
    {%- endif -%}
    {%- set known = ['name', 'steps', 'order', 'window', 'exclusions', 'breakdown', 'attribution'] -%}
    {%- for key in definition if key not in known -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "there is no parameter " ~ key ~ ". Remedy: these are " ~ known | join(', ') ~ "."
        ) }}
    {%- endfor -%}
    {%- if not definition.steps or definition.steps is string or definition.steps is mapping -%}
        {{ exceptions.raise_compiler_error(wrong ~ "it has no steps. Remedy: steps=['sign_up', 'purchase'].") }}
    {%- endif -%}
    {%- if order not in ('ordered', 'strict', 'unordered') -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "order='" ~ order ~ "'. Remedy: one of ordered, strict, unordered."
        ) }}
    {%- endif -%}
    {%- set seconds = seconds_of(definition.window or '7 days', wrong) -%}
    {%- set steps, names, labels = [], [], [] -%}
    {%- for step in definition.steps -%}
        {%- do steps.append(number_of(event_condition(step, wrong ~ 'step ' ~ loop.index0 ~ ': '), conditions)) -%}
        {%- do labels.append(
            event_label(step) if order != 'unordered' else loop.index ~ ' of ' ~ definition.steps | length ~ ' steps'
        ) -%}
        {%- do names.extend(event_names(step)) -%}
    {%- endfor -%}
    {%- set last = steps | length - 1 -%}
    {%- set between = [] -%}
    {%- for _ in range(last) -%}
        {%- do between.append([]) -%}
    {%- endfor -%}
    {%- for exclusion in definition.exclusions or [] -%}
        {%- set exclusion = {'event': exclusion} if exclusion is string else exclusion -%}
        {%- set from, to = exclusion.get('from', 0), exclusion.get('to', last) -%}
        {%- if from is not integer or to is not integer or from < 0 or from >= to or to > last -%}
            {{ exceptions.raise_compiler_error(
                wrong ~ "an exclusion is from step " ~ from ~ " to step " ~ to ~ ". Remedy: steps count from 0; "
                ~ "`from` comes "
                ~ "before `to`, and the last step is " ~ last ~ "."
            ) }}
        {%- elif order == 'unordered' and (from, to) != (0, last) -%}
            {{ exceptions.raise_compiler_error(
                wrong ~ "an exclusion is from step " ~ from ~ " to step " ~ to ~ ", but the steps have no order. "
                ~ "Remedy: leave "
                ~ "`from` and `to` out, so that it holds for the whole funnel."
            ) }}
        {%- endif -%}
        {%- for gap in range(from, to) -%}
            {%- do between[gap].append(event_condition(exclusion, wrong ~ 'exclusion ' ~ loop.index0 ~ ': ')) -%}
        {%- endfor -%}
        {%- do names.extend(event_names(exclusion)) -%}
    {%- endfor -%}
    {%- set gaps = [] -%}
    {%- for gap in between -%}
        {%- do gaps.append(number_of(gap | join(' or '), conditions) if gap else none) -%}
    {%- endfor -%}
    {%- set breakdowns, told = {}, definition.breakdown or [] -%}
    {%- if told is mapping -%}
        {%- do breakdowns.update(told) -%}
    {%- else -%}
        {%- for breakdown in ([told] if told is string else told) -%}
            {%- do breakdowns.update({breakdown: breakdown}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- for breakdown in breakdowns if "'" in breakdown or breakdown == 'all' -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "a breakdown is called " ~ breakdown ~ ". Remedy: give the expression a name of its own, "
            ~ "other than all: "
            ~ "breakdown={'size': \"case when amount > 100 then 'large' end\"}."
        ) }}
    {%- endfor -%}
    {%- set is_step = attribution is integer and 0 <= attribution <= last -%}
    {%- if attribution not in ('first', 'last') and not is_step -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "attribution=" ~ attribution ~ ". Remedy: first, last, or the number of a step, from 0 to "
            ~ last ~ "."
        ) }}
    {%- elif order == 'unordered' and attribution != 'first' -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "attribution=" ~ attribution ~ ", but the steps have no order. Remedy: first, or another order."
        ) }}
    {%- endif -%}
    {%- do return({
        'name': name, 'order': order, 'seconds': seconds, 'steps': steps, 'labels': labels, 'gaps': gaps or [none],
        'breakdowns': breakdowns, 'attribution': attribution, 'names': names,
    }) -%}
{% endmacro %}

{#- The number of a condition in a list, which takes it where it is new. -#}
{% macro number_of(condition, conditions) %}
    {%- if condition not in conditions -%}
        {%- do conditions.append(condition) -%}
    {%- endif -%}
    {%- do return(conditions.index(condition)) -%}
{% endmacro %}

{#- The seconds of a window: '30 minutes', '7 days'. Months and years have no length of their own. -#}
{% macro seconds_of(window, wrong='') %}
    {%- set lengths = {'second': 1, 'minute': 60, 'hour': 3600, 'day': 86400, 'week': 604800} -%}
    {%- set found = modules.re.match('^\\s*(\\d+)\\s+(second|minute|hour|day|week)s?\\s*$', window | string) -%}
    {%- if not found or found.group(1) | int == 0 -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "window='" ~ window ~ "'. Remedy: a whole number above zero of seconds, minutes, hours, days "
            ~ "or weeks, "
            ~ "such as '7 days'."
        ) }}
    {%- endif -%}
    {%- do return(found.group(1) | int * lengths[found.group(2)]) -%}
{% endmacro %}

{#- The names of events of a step: it is a name, or a mapping with `event`, a name or several. -#}
{% macro event_names(step) %}
    {%- set told = step.event if step is mapping else step -%}
    {%- do return([] if not told else [told] if told is string else told) -%}
{% endmacro %}

{#- What a step is called. -#}
{% macro event_label(step) %}
    {%- do return(step.name if step is mapping and step.name else event_names(step) | join(' or ') or step.where) -%}
{% endmacro %}

{#-
    The condition for an event to be that of a step: its canonical type, or what its producer calls it, is the one
    named; `where` is one more, over the columns of `events_of_people`.
-#}
{% macro event_condition(step, wrong) %}
    {%- set names = event_names(step) -%}
    {%- set parts = [] -%}
    {%- if names -%}
        {%- set quoted = [] -%}
        {%- for name in names -%}
            {%- do quoted.append("'" ~ name | replace("'", "''") ~ "'") -%}
        {%- endfor -%}
        {%- set listed = '(' ~ quoted | join(', ') ~ ')' -%}
        {%- do parts.append('(events.event_type in ' ~ listed ~ ' or events.event_name in ' ~ listed ~ ')') -%}
    {%- endif -%}
    {%- if step is mapping -%}
        {%- for key in step if key not in ('event', 'where', 'name', 'from', 'to') -%}
            {{ exceptions.raise_compiler_error(
                wrong ~ "it has a key " ~ key ~ ". Remedy: {event: 'purchase', where: \"amount > 10\", name: "
                ~ "'large purchase'}."
            ) }}
        {%- endfor -%}
        {%- if step.where -%}
            {%- do parts.append('(' ~ step.where ~ ')') -%}
        {%- endif -%}
    {%- endif -%}
    {%- if not parts -%}
        {{ exceptions.raise_compiler_error(
            wrong ~ "it names no event. Remedy: 'purchase', or {event: 'purchase', where: \"amount > 10\"}."
        ) }}
    {%- endif -%}
    {%- do return(parts | join(' and ')) -%}
{% endmacro %}

{#- Says in the run, when a definition is new, which of its events nobody ever sent. No error: they may still come. -#}
{% macro warn_of_unknown_events(all) -%}
    {%- if execute and is_full() and built('fact_user_events') is not none -%}
        {%- for each in all -%}
            {%- for name in each.names | unique -%}
                {%- if not is_sent(name) -%}
                    {%- do exceptions.warn(
                        'Funnel ' ~ each.name ~ ": nobody has ever sent an event '" ~ name ~ "', as a type or as "
                        ~ "a producer's "
                        ~ 'name. Remedy: correct the name, unless such events are still to come.'
                    ) -%}
                {%- endif -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
