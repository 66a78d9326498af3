select
    bytes as "size",
    connections,
    most_connections as "of at most",
    waiting_locks as "waiting for a lock",
    deadlocks
from ops.server_state
