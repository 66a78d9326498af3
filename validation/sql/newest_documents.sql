-- What the newest audits found: of load days and of builds, newest first.
select
    case
        when load_date is null then 'build ' || build_id
        when cardinality(load_dates) = 1 then 'load day ' || load_date
        when load_dates[cardinality(load_dates)] - load_date = cardinality(load_dates) - 1
            then 'load days ' || load_date || ' to ' || load_dates[cardinality(load_dates)]
        else cardinality(load_dates) || ' load days from ' || load_date || ' to ' || load_dates[cardinality(load_dates)]
    end as subject,
    suite,
    checked_at,
    document,
    coalesce(load_dates, '{}') as load_dates
from ops.validation_document
order by checked_at desc, suite
limit {{ newest }}
