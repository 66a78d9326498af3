-- Of the days asked for: those that are not published; and whether there is nothing to build.
select
    array(
        select asked.load_date
        from unnest({{ load_dates }}::date[]) as asked (load_date)
        where asked.load_date not in (select load_day.load_date from ops.load_day)
        order by asked.load_date
    ) as unpublished,
    not exists (
        select from ops.day_status
        where
            {{ rebuild }}
            or (day_status.load_date = any({{ load_dates }}::date[]) and not day_status.is_built)
    ) as is_built
