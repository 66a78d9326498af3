delete from raw.{{ staging }}
where load_date = {{ load_date }}
