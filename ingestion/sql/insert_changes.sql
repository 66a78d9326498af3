insert into raw.{{ target }} ({{ columns }})
select {{ columns }}
from raw.{{ staging }};

drop table raw.{{ staging }}
