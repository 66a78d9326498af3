-- Records that describe a user who had not signed up yet.
select
    staged_for,
    file_no,
    line_no,
    user_id,
    changed_at,
    signup_at
from {{ batch }} as batch
where signup_at > changed_at
