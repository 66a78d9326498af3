select
    '${WAREHOUSE_FULL_AT_GB}' as gigabytes,
    bytes as trouble
from ops.server_state
where bytes > '${WAREHOUSE_FULL_AT_GB}'::numeric * 1000000000
