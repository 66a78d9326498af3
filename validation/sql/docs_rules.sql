-- Each rule with its newest outcomes, oldest first: how many exceptions it had, where they are counted.
with outcomes as (
    select
        result.suite,
        split_part(result.message, ': ', 1) as rule,
        result.severity,
        result.success,
        result.message,
        coalesce(result.load_date::text, 'build ' || result.build_id) as subject,
        coalesce(result.unexpected_count, case when result.success then 0 else 1 end) as exceptions,
        row_number() over (
            partition by result.suite, split_part(result.message, ': ', 1)
            order by result.load_date desc nulls last, result.checked_at desc, result.build_id desc
        ) as age
    from ops.validation_result as result
)

select
    suite,
    rule,
    max(severity) as severity,
    count(*) as outcomes,
    count(*) filter (where not success) as failures,
    array_agg(subject order by age desc) as subjects,
    array_agg(exceptions order by age desc) as exceptions,
    array_agg(success order by age desc) as successes,
    (array_agg(message order by age) filter (where not success))[1] as newest_failure,
    (array_agg(subject order by age) filter (where not success))[1] as newest_failure_of
from outcomes
where age <= {{ outcomes }}
group by suite, rule
order by count(*) filter (where not success) desc, suite, rule
