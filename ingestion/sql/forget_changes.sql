delete from raw.{{ target }}
where load_date = any({{ load_dates }}::date[])
