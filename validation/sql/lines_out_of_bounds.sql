-- Kinds of files that have fewer or more lines on a day than their contract says. Of sources that landed files then.
with bounds as (
    select *
    from unnest(
        array[{{ sources }}]::text[],
        array[{{ kinds }}]::text[],
        array[{{ at_least }}]::bigint[],
        array[{{ at_most }}]::bigint[]
    ) as contracts (source, kind, at_least, at_most)
),

landed as (
    select distinct
        load_id,
        load_date,
        source
    from ops.file_load
    where load_id in ({{ load_ids }})
),

counted as (
    select
        landed.load_date,
        bounds.source,
        bounds.kind,
        bounds.at_least,
        bounds.at_most,
        coalesce(sum(files.lines_read), 0)::bigint as lines_read
    from landed
    inner join bounds on landed.source = bounds.source
    left join ops.file_load as files
        on
            landed.load_id = files.load_id
            and bounds.source = files.source
            and bounds.kind = files.kind
    group by landed.load_date, bounds.source, bounds.kind, bounds.at_least, bounds.at_most
)

select
    load_date,
    source,
    kind,
    lines_read,
    concat_ws(' and ', 'at least ' || nullif(at_least, 0), 'at most ' || at_most) as allowed
from counted
where lines_read < at_least or lines_read > at_most
order by load_date, source, kind
