-- The files of the published load days.
select distinct
    file_load.load_date,
    file_load.path,
    file_load.bytes,
    file_load.sha256,
    load.started_at
from ops.load_day
inner join ops.load as load
    on load_day.load_id = load.load_id
inner join ops.file_load as file_load
    on load_day.load_id = file_load.load_id
where
    ({{ first }}::date is null or load_day.load_date >= {{ first }}::date)
    and ({{ last }}::date is null or load_day.load_date <= {{ last }}::date)
