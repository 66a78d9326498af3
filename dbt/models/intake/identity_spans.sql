-- One row per visitor id and span of time: the user to whom that belongs which is done in it without a user id.
--
-- An event with only a visitor id belongs to the user with whom that id is seen next (at the same time counts), else to
-- the one with whom it was seen last before. A visitor id that is never seen with a user has no row. Bots link nobody.
-- A span reaches from after `after_ts` until `until_ts`; those of a visitor id follow each other from -infinity to
-- infinity. Of two users at the same time the smaller id counts.
-- depends_on: {{ ref('work_build') }}
{{ config(
    indexes=[{'columns': ['anonymous_id', 'after_ts'], 'unique': true}],
    meta={'scope': {'by': 'sightings'}},
) }}
with {{ sightings() }},

known as (
    select
        anonymous_id,
        user_id,
        event_ts
    from new_sightings
    where {{ in_scope('anonymous_id') }}
    {%- if not is_full() %}
    union all
    select
        fact.anonymous_id,
        fact.user_id,
        fact.event_ts
    from {{ built('fact_user_events') }} as fact
    where
        {{ in_scope('fact.anonymous_id') }}
        and fact.user_id is not null
        and not fact.is_bot
        and fact.load_date <> all({{ load_days() }})
        and (fact.event_id, fact.source) not in (
            select
                settled.event_id,
                settled.source
            from settled
        )
    {%- endif %}
),

moments as (
    select
        anonymous_id,
        event_ts,
        min(user_id) as user_id
    from known
    group by anonymous_id, event_ts
),

-- The last moment before another user, and the last of all.
turns as (
    select *
    from (
        select
            *,
            lead(user_id) over (partition by anonymous_id order by event_ts) as next_user_id
        from moments
    ) as compared
    where user_id is distinct from next_user_id
)

select
    anonymous_id,
    user_id,
    lag(event_ts, 1, '-infinity') over (partition by anonymous_id order by event_ts) as after_ts,
    case
        when lead(event_ts) over (partition by anonymous_id order by event_ts) is null then 'infinity'
        else event_ts
    end as until_ts
from turns
