delete from raw.{{ target }}
where load_date = any({{ load_dates }}::date[]);

insert into raw.{{ target }} ({{ columns }})
select {{ columns }}
from raw.{{ staging }}
where load_date = any({{ load_dates }}::date[]);

delete from raw.{{ staging }}
where load_date = any({{ load_dates }}::date[])
