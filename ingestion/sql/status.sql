select
    load_day.load_date,
    load_day.version,
    case
        when load_day.claimed_by is not null then 'building'
        when load_day.built_version = load_day.version then 'built'
        else 'waiting'
    end as state,
    load.lines_read,
    load.loaded,
    load.duplicates,
    load.quarantined,
    load_day.published_at
from ops.load_day as load_day
inner join ops.load as load
    on load_day.load_id = load.load_id
where
    ({{ first }}::date is null or load_day.load_date >= {{ first }}::date)
    and ({{ last }}::date is null or load_day.load_date <= {{ last }}::date)
order by load_day.load_date
