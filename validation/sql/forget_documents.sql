-- Deletes all but the newest documents.
delete from ops.validation_document
where checked_at < (
    select min(kept.checked_at)
    from (
        select checked_at
        from ops.validation_document
        order by checked_at desc
        limit {{ kept }}
    ) as kept
)
