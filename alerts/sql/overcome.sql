-- Open alerts that are overcome: each of their days was brought into the marts since, or a run for it has succeeded.
-- One of a run without days is overcome by the next build.
select alert.alert_id
from ops.alert
where
    alert.recovered_at is null
    and (alert.cause like 'engagement\_daily.%%' or alert.cause = 'overdue')
    and case
        when cardinality(alert.load_dates) = 0
            then exists (
                select
                from ops.build
                where
                    build.status = 'succeeded'
                    and build.finished_at > alert.last_seen
            )
        else not exists (
            select
            from unnest(alert.load_dates) as failed (load_date)
            where
                not exists (
                    select
                    from ops.run
                    where
                        run.status = 'succeeded'
                        and run.finished_at > alert.last_seen
                        and failed.load_date between run.first_load_date and run.last_load_date
                )
                and not exists (
                    select
                    from ops.day_status
                    where
                        day_status.load_date = failed.load_date
                        and day_status.is_built
                        and (alert.cause = 'overdue' or day_status.built_at > alert.last_seen)
                )
        )
    end
order by alert.alert_id;
