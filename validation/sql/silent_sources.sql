-- Sources that owe events every day, and have none on a day.
select
    due.load_date,
    due.source
from unnest(array[{{ due_dates }}]::date[], array[{{ due_sources }}]::text[]) as due (load_date, source)
where not exists (
    select
    from {{ batch }} as batch
    where
        batch.staged_for = due.load_date
        and batch.source = due.source
)
