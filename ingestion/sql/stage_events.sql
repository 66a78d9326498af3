-- The staging table of one day's events. The check constraint lets ATTACH skip reading the rows.
create table raw.{{ staging }} (
    like raw.user_events including defaults including constraints,
    constraint {{ constraint }} check (load_date = {{ load_date }})
)
