-- Deletes all but the newest documents.
delete from ops.validation_document
where checked_at < (
    select documents.checked_at
    from ops.validation_document as documents
    order by documents.checked_at desc
    offset {{ kept }}
    limit 1
)
