-- Events with money of no currency, or a currency of no money.
select
    staged_for,
    file_no,
    line_no,
    event_id,
    amount,
    currency
from {{ batch }} as batch
where (amount is null) <> (currency is null)
