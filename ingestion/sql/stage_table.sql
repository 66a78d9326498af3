-- The staging table of one raw table and load day. The check constraint lets ATTACH skip reading the rows.
create table raw.{{ staging }} (
    like raw.{{ target }} including defaults including constraints,
    constraint {{ constraint }} check (load_date = {{ load_date }})
)
