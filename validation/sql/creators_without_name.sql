-- Records of creators, other than deletions, that do not name them.
select
    staged_for,
    file_no,
    line_no,
    creator_id
from {{ batch }} as batch
where
    op = 'upsert'
    and coalesce(name, '') = ''
