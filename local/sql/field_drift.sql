-- What has changed in the fields of the files of the last seven load days.
select
    load_date,
    source,
    kind,
    field,
    drift,
    detail
from ops.field_drift
where load_date > (select max(load_day.load_date) - 7 from ops.load_day)
order by load_date desc, source asc, kind asc, field asc
limit 10
