-- Events with an amount but no currency, or a currency but no amount.
select
    staged_for,
    file_no,
    line_no,
    event_id,
    amount,
    currency
from {{ batch }} as batch
where (amount is null) <> (currency is null)
