-- Events whose actor is not whom the event names.
select
    staged_for,
    file_no,
    line_no,
    actor_id,
    user_id,
    anonymous_id
from {{ batch }} as batch
where actor_id is distinct from coalesce(user_id, anonymous_id)
