-- What the newest audits found: of load days and of builds, newest first.
select
    coalesce('load day ' || load_date, 'build ' || build_id) as subject,
    suite,
    checked_at,
    document
from ops.validation_document
order by checked_at desc, suite
limit {{ newest }}
