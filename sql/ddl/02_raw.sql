-- What landed, typed and named canonically. Run by the owner.
-- Every row knows its arrival: (load_date, file_no, line_no) orders all lines of a source, and the smallest wins.

create table if not exists raw.user_events (
    load_date date not null,
    file_no integer not null,           -- rank of the file's path among the day's files
    line_no integer not null,           -- 1-based
    source text not null,
    event_id text not null,             -- unique within a source; a hash of the content where the producer has none
    actor_id text not null,             -- user_id, else anonymous_id
    user_id text,
    anonymous_id text,
    event_type text not null,           -- one of ingestion/vocabulary.yml
    event_ts timestamptz not null,
    platform text,
    app_version text,
    user_agent text,
    content_id text,
    product_id text,
    duration_seconds numeric(12, 3),    -- exact: sums must not depend on their order
    amount numeric(14, 2),
    currency text,
    properties jsonb                    -- what the contract maps nowhere else
) partition by list (load_date);

-- These came later. Partitions have them by inheritance. Days that were loaded before keep null and the defaults in
-- them, until they are loaded again.
alter table raw.user_events
add column if not exists event_name text,                    -- what the producer calls it
add column if not exists is_activity boolean not null default true, -- false: a server sent it
add column if not exists country text,                       -- of the event; ISO 3166-1 alpha-2
add column if not exists language text,                      -- ISO 639-1
add column if not exists device_type text,
add column if not exists os text,
add column if not exists browser text,
add column if not exists page_path text,
add column if not exists referrer text,
add column if not exists utm_source text,
add column if not exists utm_medium text,
add column if not exists utm_campaign text,
add column if not exists session_id text,                    -- the producer's
add column if not exists order_id text,
add column if not exists quantity integer,
add column if not exists is_producer_session boolean not null default false; -- true: session_id makes the session

-- Change records: the whole state of one thing at `changed_at`. A delete has only the key.
-- Small: one plain table each, in which a load day's rows are replaced.

-- The one raw table that holds personal data.
create table if not exists raw.user_changes (
    load_date date not null,
    file_no integer not null,
    line_no integer not null,
    source text not null,
    user_id text not null,
    changed_at timestamptz not null,
    op text not null check (op in ('upsert', 'delete')),
    email text,
    full_name text,
    street text,
    postal_code text,
    city text,
    country text,                       -- ISO 3166-1 alpha-2
    language text,                      -- ISO 639-1
    device text,
    plan text,
    acquisition_channel text,
    signup_at timestamptz,
    properties jsonb
);

create table if not exists raw.product_changes (
    load_date date not null,
    file_no integer not null,
    line_no integer not null,
    source text not null,
    product_id text not null,
    changed_at timestamptz not null,
    op text not null check (op in ('upsert', 'delete')),
    name text,
    category text,
    price numeric(14, 2),
    currency text,                      -- ISO 4217
    creator_id text,
    properties jsonb
);

create table if not exists raw.content_changes (
    load_date date not null,
    file_no integer not null,
    line_no integer not null,
    source text not null,
    content_id text not null,
    changed_at timestamptz not null,
    op text not null check (op in ('upsert', 'delete')),
    content_type text,
    title text,
    series_id text,
    creator_id text,
    language text,
    topic text,
    duration_seconds numeric(12, 3),
    word_count integer,
    released_at timestamptz,
    properties jsonb
);

create table if not exists raw.creator_changes (
    load_date date not null,
    file_no integer not null,
    line_no integer not null,
    source text not null,
    creator_id text not null,
    changed_at timestamptz not null,
    op text not null check (op in ('upsert', 'delete')),
    name text,
    country text,
    creator_type text,
    properties jsonb
);

create table if not exists raw.rate_changes (
    load_date date not null,
    file_no integer not null,
    line_no integer not null,
    source text not null,
    currency text not null,             -- ISO 4217; one unit of it
    quote_currency text not null,       -- is worth `rate` of this
    changed_at timestamptz not null,    -- the date of the rate, in UTC
    op text not null check (op in ('upsert', 'delete')),
    rate numeric(20, 10),
    properties jsonb
);

-- Changes of all days that are staged, until their day is published or rejected. (Events have a table for each day: it
-- becomes their partition. One of changes would take longer to make than to fill.)
do $$
declare
    table_name text;
    either text;
begin
    foreach table_name in array array[
        'user_changes', 'product_changes', 'content_changes', 'creator_changes', 'rate_changes'
    ] loop
        execute format(
            'create table if not exists raw.%I (like raw.%I including defaults including constraints)',
            table_name || '__staged', table_name
        );
        foreach either in array array[table_name, table_name || '__staged'] loop
            -- Of a row in a full extract: which kind of file, and of which moment. These came later.
            execute format(
                'alter table raw.%I'
                ' add column if not exists extract_of text,'
                ' add column if not exists extracted_at timestamptz',
                either
            );
        end loop;
        execute format('create index if not exists %I on raw.%I (load_date)', table_name || '__staged_load_date', table_name || '__staged');
        execute format('alter table raw.%I owner to loader', table_name || '__staged');
    end loop;
end
$$;

create index if not exists user_changes_load_date on raw.user_changes (load_date);
create index if not exists user_changes_key_day on raw.user_changes (user_id, load_date);
drop index if exists raw.user_changes_key;
create index if not exists product_changes_load_date on raw.product_changes (load_date);
create index if not exists product_changes_key_day on raw.product_changes (product_id, load_date);
drop index if exists raw.product_changes_key;
create index if not exists content_changes_load_date on raw.content_changes (load_date);
create index if not exists content_changes_key_day on raw.content_changes (content_id, load_date);
drop index if exists raw.content_changes_key;
create index if not exists creator_changes_load_date on raw.creator_changes (load_date);
create index if not exists creator_changes_key_day on raw.creator_changes (creator_id, load_date);
drop index if exists raw.creator_changes_key;
create index if not exists rate_changes_load_date on raw.rate_changes (load_date);

do $$
declare
    table_name text;
begin
    foreach table_name in array array[
        'user_events', 'user_changes', 'product_changes', 'content_changes', 'creator_changes', 'rate_changes'
    ] loop
        execute format('alter table raw.%I owner to loader', table_name);
    end loop;
end
$$;
grant select on all tables in schema raw to transformer;
alter default privileges for role loader in schema raw grant select on tables to transformer;
