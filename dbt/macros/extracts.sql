{#-
    Full extracts: what the files of one kind that landed on a day say is all that there is of their things. What changed
    between two of them is `extract_changes`; docs/sources.md says by which rules.
-#}

{#-
    A query for the files of extracts, of every attempt to load a day, once for each kind of file that reads their lines.
    A kind that is derived from the lines of another counts those that could be read; a line that could not is missing.
-#}
{% macro extract_files() %}
    select
        load_id,
        load_date,
        source,
        target,
        extract_of,
        extracted_at,
        quarantined = 0 as is_whole
    from {{ source('ops', 'file_load') }}
    where extract_of is not null
    union all
    select
        derived.load_id,
        derived.load_date,
        derived.source,
        derived.target,
        derived.kind as extract_of,
        files.extracted_at,
        derived.quarantined = 0 and derived.lines_read = files.lines_read as is_whole
    from {{ source('ops', 'derived_load') }} as derived
    inner join {{ source('ops', 'file_load') }} as files
        on
            derived.load_id = files.load_id
            and derived.path = files.path
    where files.extract_of is not null
{% endmacro %}

{#-
    Common table expression, `extracts`: one row per extract of the load days that are built. Whole is one of which no
    line is held back: only what a whole extract does not hold is gone.
-#}
{% macro extracts() -%}
    extracts as (
        select
            *,
            lag(load_date) over series as previous_date,
            max(load_date) filter (where is_whole) over (
                series rows between unbounded preceding and 1 preceding
            ) as whole_before,
            min(load_date) filter (where is_whole) over (
                series rows between 1 following and unbounded following
            ) as whole_after
        from (
            select
                files.source,
                files.target,
                files.extract_of,
                files.load_date,
                min(files.extracted_at) as extracted_at,
                bool_and(files.is_whole) as is_whole
            from {{ source('ops', 'load_day') }} as published
            inner join ({{ extract_files() }}) as files on published.load_id = files.load_id
            where published.load_date in (select unnest(work_build.all_dates) from {{ ref('work_build') }} as work_build)
            group by files.source, files.target, files.extract_of, files.load_date
        ) as known
        window series as (partition by source, target, extract_of order by load_date)
    )
{%- endmacro %}

{#-
    The extracts that are compared anew: those of the load days, and those that follow them, until the first that is
    whole. What comes after that is compared with nothing before it. `loaded` looks at every attempt to load these days:
    a kind that was there when the day was built last may be gone.
-#}
{% macro extracts_to_settle() -%}
    with {{ extracts() }},

    loaded as (
        select distinct
            source,
            extract_of,
            load_date
        from ({{ extract_files() }}) as files
        where load_date = any({{ load_days() }})
    )

    select *
    from loaded
    union
    select
        following.source,
        following.extract_of,
        following.load_date
    from loaded
    inner join extracts as following
        on
            loaded.source = following.source
            and loaded.extract_of = following.extract_of
            and loaded.load_date < following.load_date
    where
        not exists (
            select
            from extracts as whole
            where
                whole.source = following.source
                and whole.target = following.target
                and whole.extract_of = following.extract_of
                and whole.load_date > loaded.load_date
                and whole.load_date < following.load_date
                and whole.is_whole
        )
{%- endmacro %}

{#- The columns of a thing that its change records tell of: two rows of extracts that agree in them are no change. -#}
{% macro told_columns(thing) -%}
    {%- set others = [
        thing ~ '_id', 'changed_at', 'source', 'extract_of', 'extracted_at', 'load_date', 'file_no', 'line_no',
    ] -%}
    {%- set names = [] -%}
    {%- if execute -%}
        {%- for column in adapter.get_columns_in_relation(built('stg_' ~ thing ~ '_changes'))
            if column.name not in others -%}
            {%- do names.append('changes.' ~ column.name) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ names | join(', ') }}
{%- endmacro %}

{#-
    A query for what extracts tell of one kind of thing, with the time of each change: that of the row, where it is later
    than the change before it in these extracts and not after the load day; else the moment of the extract. So the times
    of a thing rise from extract to extract.
-#}
{% macro told_by_extracts(thing, condition='true') %}
    with known as (
        select *
        from {{ ref('extract_changes') }}
        where thing = '{{ thing }}' and {{ condition }}
    ),

    chains as (
        select
            source,
            extract_of,
            thing_id,
            array_agg(load_date order by load_date) as load_dates,
            array_agg(changed_at order by load_date) as own_times,
            array_agg(extracted_at order by load_date) as moments
        from known
        group by source, extract_of, thing_id
    ),

    times as (
        select
            chains.source,
            chains.extract_of,
            chains.thing_id,
            chains.load_dates[told.place] as load_date,
            told.changed_at
        from chains
        cross join lateral (
            with recursive told as (
                select
                    1 as place,
                    chains.own_times[1] as changed_at
                union all
                select
                    told.place + 1 as place,
                    case
                        when chains.own_times[told.place + 1] > told.changed_at then chains.own_times[told.place + 1]
                        else chains.moments[told.place + 1]
                    end as changed_at
                from told
                where told.place < cardinality(chains.moments)
            )

            select * from told
        ) as told
    )

    select
        changes.thing_id,
        times.changed_at,
        changes.op,
        changes.load_date,
        changes.file_no,
        changes.line_no,
        changes.record
    from known as changes
    inner join times
        on
            changes.source = times.source
            and changes.extract_of = times.extract_of
            and changes.thing_id = times.thing_id
            and changes.load_date = times.load_date
{% endmacro %}
