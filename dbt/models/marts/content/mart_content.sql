-- One row per day, week or month, kind, and thing of that kind that people viewed, started, completed or liked.
{{ config(
    indexes=[{'columns': ['period', 'period_start', 'kind', 'thing'], 'unique': true}],
    meta={'scope': {'by': 'periods'}},
) }}
{% set attributes = ['content_id', 'content_type', 'content_format', 'topic', 'series_id', 'creator_id'] -%}
{% set kinds = {
    'format': 'content_format', 'content_type': 'content_type', 'topic': 'topic', 'series': 'series_id',
    'creator': 'creator_id', 'content': 'content_id',
} -%}
-- What is counted twice over days, and what adds up, go apart: people are told from each other once for each thing, and
-- sums are taken of the sums of a date.
with dates as (
    select
        event_date,
        {{ attributes | join(', ') }},
        sum(views)::integer as views,
        sum(starts)::integer as starts,
        sum(completions)::integer as completions,
        sum(likes)::integer as likes,
        sum(unlikes)::integer as unlikes,
        sum(heard_seconds) as heard_seconds
    from {{ ref('fact_content_people_daily') }}
    where views + starts + completions + likes + unlikes > 0 and {{ is_in_periods('event_date') }}
    group by event_date, {{ attributes | join(', ') }}
),

date_periods as materialized (
    select
        dates.event_date,
        periods.period,
        periods.period_start,
        (dense_rank() over (order by periods.period, periods.period_start))::integer as period_no
    from (select distinct event_date from dates) as dates
    {{ periods_in_scope('dates.event_date') }}
),

-- Whatever people saw, and each of its attributes, has a number: telling people from each other by numbers is quicker.
pieces as materialized (
    select
        {{ attributes | join(', ') }},
        {%- for kind, attribute in kinds.items() %}
        case when {{ attribute }} is not null then dense_rank() over (order by {{ attribute }}) end as {{ kind }}_no,
        {%- endfor %}
        row_number() over () as piece_no
    from dates
    group by {{ attributes | join(', ') }}
),

daily as materialized (
    select
        daily.event_date,
        daily.person_id,
        pieces.piece_no,
        daily.starts > 0 as is_starter
    from {{ ref('fact_content_people_daily') }} as daily
    inner join pieces
        on
            daily.content_id = pieces.content_id
            -- Almost always so. The planner would take five conditions for as good as never.
            and case
                {%- for attribute in attributes[1:] %}
                when daily.{{ attribute }} is distinct from pieces.{{ attribute }} then false
                {%- endfor %}
                else true
            end
    where daily.views + daily.starts > 0 and {{ is_in_periods('daily.event_date') }}
),

people as materialized (
    select
        date_periods.period_no,
        persons.person_no,
        daily.piece_no,
        daily.is_starter
    from daily
    inner join date_periods on daily.event_date = date_periods.event_date
    inner join (
        select
            person_id,
            (row_number() over ())::integer as person_no
        from (select distinct person_id from daily) as told_apart
    ) as persons
        on daily.person_id = persons.person_id
),

-- By two columns: of one number that is made of both, far too many hash to the same.
visitors as materialized (
    select
        period_no,
        person_no,
        min(piece_no) as piece_no,
        min(piece_no) = max(piece_no) as is_of_one_piece,
        bool_or(is_starter) as is_starter
    from people
    group by period_no, person_no
),

-- Most people saw one piece in a period: these need not be told from each other thing by thing.
others as materialized (
    select
        visitors.period_no,
        people.person_no,
        {%- for kind in kinds %}
        pieces.{{ kind }}_no,
        {%- endfor %}
        people.is_starter
    from people
    inner join visitors on people.period_no = visitors.period_no and people.person_no = visitors.person_no
    inner join pieces on people.piece_no = pieces.piece_no
    where not visitors.is_of_one_piece
),

counted as (
    select
        ones.period_no,
        kinds.kind,
        kinds.thing_no,
        ones.people,
        ones.starters
    from (
        select
            period_no,
            piece_no,
            count(*) as people,
            count(*) filter (where is_starter) as starters
        from visitors
        where is_of_one_piece
        group by period_no, piece_no
    ) as ones
    inner join pieces on ones.piece_no = pieces.piece_no
    cross join lateral (
        values
        {%- for kind in kinds %}
        ('{{ kind }}', pieces.{{ kind }}_no){{ ',' if not loop.last }}
        {%- endfor %}
    ) as kinds (kind, thing_no)
    {%- for kind in kinds %}
    union all
    select
        period_no,
        '{{ kind }}' as kind,
        thing_no,
        count(*) as people,
        count(*) filter (where is_starter) as starters
    from (
        select
            period_no,
            {{ kind }}_no as thing_no,
            bool_or(is_starter) as is_starter
        from others
        where {{ kind }}_no is not null
        group by period_no, person_no, {{ kind }}_no
    ) as told_apart
    group by period_no, thing_no
    {%- endfor %}
    union all
    select
        period_no,
        'all' as kind,
        0 as thing_no,
        count(*) as people,
        count(*) filter (where is_starter) as starters
    from visitors
    group by period_no
),

reached as (
    select
        period_no,
        kind,
        thing_no,
        sum(people)::bigint as people,
        sum(starters)::bigint as starters
    from counted
    group by period_no, kind, thing_no
),

sums as (
    select
        date_periods.period,
        date_periods.period_start,
        date_periods.period_no,
        kinds.kind,
        kinds.thing_no,
        kinds.thing,
        sum(dates.views) as views,
        sum(dates.starts) as starts,
        sum(dates.completions) as completions,
        sum(dates.likes) as likes,
        sum(dates.unlikes) as unlikes,
        sum(dates.heard_seconds) as heard_seconds
    from dates
    inner join date_periods on dates.event_date = date_periods.event_date
    inner join pieces
        on
            dates.content_id = pieces.content_id
            and case
                {%- for attribute in attributes[1:] %}
                when dates.{{ attribute }} is distinct from pieces.{{ attribute }} then false
                {%- endfor %}
                else true
            end
    cross join lateral (
        values
        ('all', 0, '(all)'),
        {%- for kind, attribute in kinds.items() %}
        ('{{ kind }}', pieces.{{ kind }}_no, pieces.{{ attribute }}){{ ',' if not loop.last }}
        {%- endfor %}
    ) as kinds (kind, thing_no, thing)
    where kinds.thing is not null
    group by
        date_periods.period, date_periods.period_start, date_periods.period_no, kinds.kind, kinds.thing_no, kinds.thing
),

things as (
    select
        sums.period,
        sums.period_start,
        sums.kind,
        sums.thing,
        coalesce(reached.people, 0) as people,
        coalesce(reached.starters, 0) as starters,
        sums.views,
        sums.starts,
        sums.completions,
        sums.likes,
        sums.unlikes,
        sums.heard_seconds
    from sums
    left join reached
        on
            sums.period_no = reached.period_no
            and sums.kind = reached.kind
            and sums.thing_no = reached.thing_no
)

select
    *,
    rank() over (partition by period, period_start, kind order by people desc) as people_rank,
    rank() over (partition by period, period_start, kind order by completions desc) as completion_rank
from things
