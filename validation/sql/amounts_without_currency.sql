-- Events with money of no currency, or a currency of no money.
select
    file_no,
    line_no,
    event_id,
    amount,
    currency
from {{ batch }}
where (amount is null) <> (currency is null)
