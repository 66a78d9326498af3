-- Records that describe a user who had not signed up yet.
select
    file_no,
    line_no,
    user_id,
    changed_at,
    signup_at
from {{ batch }}
where signup_at > changed_at
