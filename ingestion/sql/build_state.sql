-- Who builds now, if anybody, and the published days that are not in the marts.
select
    (
        select build.holder from ops.build
        where build.status = 'running'
    ) as holder,
    coalesce(
        array_agg(load_day.load_date) filter (where load_day.built_version is distinct from load_day.version),
        array[]::date[]
    ) as unbuilt
from ops.load_day
