-- One row per exchange rate that landed.
-- depends_on: {{ ref('work_build') }}
select
    currency,
    quote_currency,
    (changed_at at time zone 'UTC')::date as rate_date,
    op,
    rate,
    source,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'rate_changes') }}
