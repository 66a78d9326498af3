-- Records of creators, other than deletions, that do not name them.
select
    file_no,
    line_no,
    creator_id
from {{ batch }}
where
    op = 'upsert'
    and coalesce(name, '') = ''
