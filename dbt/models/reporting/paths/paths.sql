-- One row per date, event and the event that followed it in the same session: `mart_paths`.
select
    session_date,
    from_event,
    to_event,
    transitions,
    sessions,
    people
from {{ ref('mart_paths') }}
