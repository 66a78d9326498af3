-- One row per person who was ever active: the first date of it, and where, how and as what the person came then.
{{ config(
    indexes=[{'columns': ['person_id'], 'unique': true}],
    meta={'scope': {'by': 'person_date', 'column': 'first_active_date'}},
) }}
select distinct on (fact.person_id)
    fact.person_id,
    fact.event_date as first_active_date,
    coalesce(dim_user.acquisition_channel, 'unknown') as channel,
    coalesce(dim_user.country, fact.country, 'unknown') as country,
    coalesce(dim_user.plan, 'unknown') as plan,
    coalesce(fact.platform, 'unknown') as platform
from {{ ref('fact_first_active_dates') }} as firsts
inner join {{ ref('fact_user_events') }} as fact
    on firsts.person_id = fact.person_id and firsts.first_active_date = fact.event_date
left join {{ ref('dim_user') }} as dim_user on fact.user_key = dim_user.user_key
where
    fact.is_activity
    and not fact.is_bot
    and {{ in_scope('firsts.person_id', 'firsts.first_active_date') }}
order by fact.person_id, fact.event_ts, fact.source, fact.event_id
