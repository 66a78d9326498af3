select
    source,
    load_date::text as load_date,
    string_agg(distinct drift || ': ' || field, ', ') as fields,
    count(*) as trouble
from ops.field_drift
where load_date = (select max(newest.load_date) from ops.load_day as newest)
group by source, load_date
order by source
