-- What has changed in the fields of the files of the last 31 load days.
select
    load_date,
    source,
    kind,
    field,
    drift,
    detail
from ops.field_drift
where load_date > (select max(load_day.load_date) - 31 from ops.load_day)
order by load_date desc, source asc, kind asc, field asc
limit 1000
