-- What is chosen names the slice, in the order in which engagement_by_slice crosses two of them. It crosses no three.
select
    activity_date::timestamptz as "time",
    dau as "active on the day",
    wau as "active in 7 days",
    mau as "active in 30 days",
    stickiness,
    learners,
    sessions,
    content_completions as "completed content"
from reporting.engagement_by_slice
where
    $__timeFilter(activity_date)
    and (dimension, value) = (
        case
            when $platform <> '(all)' then 'platform'
            when $country <> '(all)' then 'country'
            when $plan <> '(all)' then 'plan'
            else 'all'
        end,
        coalesce(
            nullif($platform, '(all)'),
            nullif($country, '(all)'),
            nullif($plan, '(all)'),
            'all'
        )
    )
    and (coalesce(dimension_2, ''), coalesce(value_2, '')) = (
        case
            when $platform <> '(all)' and $country <> '(all)' then 'country'
            when $platform || $country <> '(all)(all)' and $plan <> '(all)'
                then 'plan'
            else ''
        end,
        case
            when $platform <> '(all)' and $country <> '(all)' then $country
            when $platform || $country <> '(all)(all)' and $plan <> '(all)'
                then $plan
            else ''
        end
    )
    and '(all)' in ($platform, $country, $plan)
order by activity_date
