-- What the newest audits found: of load days and of builds, newest first.
select
    case
        when load_date is null then 'build ' || build_id
        when last_load_date > load_date then 'load days ' || load_date || ' to ' || last_load_date
        else 'load day ' || load_date
    end as subject,
    suite,
    checked_at,
    document,
    load_date as first_load_date,
    coalesce(last_load_date, load_date) as last_load_date
from ops.validation_document
order by checked_at desc, suite
limit {{ newest }}
