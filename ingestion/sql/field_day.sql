insert into ops.field_day (load_id, load_date, source, kind, field, is_mapped, looked_at, seen, type)
values (
    {{ load_id }}, {{ load_date }}, {{ source }}, {{ kind }}, {{ field }}, {{ is_mapped }}, {{ looked_at }},
    {{ seen }}, {{ type }}
)
