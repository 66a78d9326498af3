-- One row per change record of a product.
-- depends_on: {{ ref('work_build') }}
select
    product_id,
    changed_at,
    op,
    name as product_name,
    category,
    price,
    currency,
    creator_id,
    source,
    extract_of,
    extracted_at,
    load_date,
    file_no,
    line_no
from {{ source('raw', 'product_changes') }}
