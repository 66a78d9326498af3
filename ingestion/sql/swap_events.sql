drop table if exists raw.{{ partition }};

alter table raw.{{ staging }} rename to {{ partition }};

alter table raw.user_events attach partition raw.{{ partition }} for values in ({{ load_date }});  -- noqa: PRS
