delete from raw.{{ target }}
where load_date = {{ load_date }};

insert into raw.{{ target }} ({{ columns }})
select {{ columns }}
from raw.{{ staging }};

drop table raw.{{ staging }};
