-- One row per thing, full extract and change: what the extract says otherwise than the ones before it.
--
-- A row that stands in an extract has `file_no` and `line_no`. What is gone is a delete, and has none. `changed_at` is
-- what the row says of itself, or the moment of the extract where that lies after the load day, of which an extract
-- cannot know; macros/extracts.sql makes the time of the change of it.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[
        {'columns': ['thing_id', 'thing', 'source', 'extract_of', 'load_date'], 'unique': true},
        {'columns': ['load_date', 'source', 'extract_of']},
    ],
    meta={
        'scope': {'by': 'extracts'},
        'keys': {
            'user_id': "case when thing = 'user' then thing_id end",
            'product_id': "case when thing = 'product' then thing_id end",
            'content_id': "case when thing = 'content' then thing_id end",
            'creator_id': "case when thing = 'creator' then thing_id end",
        },
    },
) }}
with {{ extracts() }},
{%- if is_full() %}

needed as (
    select *
    from extracts
),
{%- else %}

settled as (
    select extracts.*
    from extracts
    inner join {{ scope_table() }} as scope
        on
            extracts.source = scope.source
            and extracts.extract_of = scope.extract_of
            and extracts.load_date = scope.load_date
),

-- A whole extract is compared with all back to the whole one before it; another with the one before it. What that does
-- not hold is looked for by its id.
needed as (
    select distinct extracts.*
    from extracts
    inner join settled
        on
            extracts.source = settled.source
            and extracts.target = settled.target
            and extracts.extract_of = settled.extract_of
    where
        extracts.load_date in (settled.load_date, settled.previous_date)
        or (
            settled.is_whole
            and extracts.load_date < settled.load_date
            and extracts.load_date >= coalesce(settled.whole_before, '-infinity')
        )
),
{%- endif %}
{%- for thing in ['user', 'product', 'content', 'creator'] %}
{%- set rows -%}
        changes.source,
        changes.extract_of,
        changes.{{ thing }}_id as thing_id,
        changes.load_date,
        changes.file_no,
        changes.line_no,
        md5(row({{ told_columns(thing) }})::text) as content
{%- endset %}

{{ thing }}_rows as (
    select distinct on (changes.source, changes.extract_of, changes.{{ thing }}_id, changes.load_date)
        {{ rows }},
        needed.whole_after
    from {{ ref('stg_' ~ thing ~ '_changes') }} as changes
    inner join needed
        on
            changes.source = needed.source
            and changes.extract_of = needed.extract_of
            and changes.load_date = needed.load_date
            and needed.target = '{{ thing }}_changes'
    where
        changes.extract_of is not null
        {%- if not is_full() %}
        and changes.load_date = any(
            array(
                select days.load_date
                from needed as days
                where days.target = '{{ thing }}_changes'
            )
        )
        {%- endif %}
    order by
        changes.source, changes.extract_of, changes.{{ thing }}_id, changes.load_date, changes.changed_at desc,
        changes.file_no, changes.line_no
),
{%- if not is_full() %}

{{ thing }}_older as (
    select older.*
    from {{ thing }}_rows as here
    inner join settled
        on
            here.source = settled.source
            and here.extract_of = settled.extract_of
            and here.load_date = settled.load_date
            and settled.target = '{{ thing }}_changes'
            and not settled.is_whole
            and settled.previous_date is distinct from settled.whole_before
    cross join lateral (
        select
            {{ rows }},
            extracts.whole_after
        from {{ ref('stg_' ~ thing ~ '_changes') }} as changes
        inner join extracts
            on
                changes.source = extracts.source
                and changes.extract_of = extracts.extract_of
                and changes.load_date = extracts.load_date
                and extracts.target = '{{ thing }}_changes'
        where
            changes.{{ thing }}_id = here.thing_id
            and changes.source = here.source
            and changes.extract_of = here.extract_of
            and changes.load_date < settled.previous_date
            and changes.load_date >= coalesce(settled.whole_before, '-infinity')
        order by changes.load_date desc, changes.changed_at desc, changes.file_no, changes.line_no
        limit 1
    ) as older
    where
        not exists (
            select
            from {{ thing }}_rows as previous
            where
                previous.source = here.source
                and previous.extract_of = here.extract_of
                and previous.thing_id = here.thing_id
                and previous.load_date = settled.previous_date
        )
),
{%- endif %}

{{ thing }}_series as (
    select
        *,
        lag(content) over series as previous_content,
        lag(whole_after) over series as previous_whole_after,
        lead(load_date) over series as next_date
    {%- if is_full() %}
    from {{ thing }}_rows
    {%- else %}
    from (
        select * from {{ thing }}_rows
        union
        select * from {{ thing }}_older
    ) as known
    {%- endif %}
    window series as (partition by source, extract_of, thing_id order by load_date)
),
{%- endfor %}

changes as (
    {%- for thing in ['user', 'product', 'content', 'creator'] %}
    select
        '{{ thing }}' as thing,
        '{{ thing }}_changes' as target,
        series.thing_id,
        series.source,
        series.extract_of,
        series.load_date,
        series.file_no,
        series.line_no,
        rows.changed_at,
        rows.op,
        {{ record_of('rows') }} as record
    from {{ thing }}_series as series
    inner join {{ ref('stg_' ~ thing ~ '_changes') }} as rows
        on
            series.thing_id = rows.{{ thing }}_id
            and series.load_date = rows.load_date
            and series.file_no = rows.file_no
            and series.line_no = rows.line_no
    where
        series.previous_content is distinct from series.content
        or series.previous_whole_after < series.load_date -- it was gone
    union all
    select
        '{{ thing }}' as thing,
        '{{ thing }}_changes' as target,
        thing_id,
        source,
        extract_of,
        whole_after as load_date,
        null as file_no,
        null as line_no,
        null as changed_at,
        'delete' as op,
        jsonb_build_object('{{ thing }}_id', thing_id, 'op', 'delete', 'load_date', whole_after) as record
    from {{ thing }}_series
    where whole_after is not null and coalesce(next_date > whole_after, true)
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
)

select
    changes.thing,
    changes.thing_id,
    changes.source,
    changes.extract_of,
    changes.load_date,
    changes.file_no,
    changes.line_no,
    settled.extracted_at,
    case
        when changes.changed_at < settled.extracted_at + interval '1 day' then changes.changed_at
        else settled.extracted_at
    end as changed_at,
    changes.op,
    changes.record
from changes
inner join {{ 'extracts' if is_full() else 'settled' }} as settled
    on
        changes.source = settled.source
        and changes.target = settled.target
        and changes.extract_of = settled.extract_of
        and changes.load_date = settled.load_date
