-- One row per event, (source, event_id), as it arrived first, with the versions of user, product and content that were
-- valid at the time of the event; -1 where there is none.
--
-- A build replaces the rows of its load days, settles anew the events that arrived on several days, and points the
-- events of users, products and content whose history changed to their versions of now.
{{ config(
    indexes=[
        {'columns': ['event_id', 'source', 'person_id'], 'unique': true},
        {'columns': ['load_date']},
        {'columns': ['person_id', 'event_date']},
        {'columns': ['event_date']},
    ],
    meta={'scope': {'by': 'arrivals'}},
    post_hook=[
        "{{ index_where_present('content_id', 'event_date') }}",
        "{{ index_where_present('product_id', 'event_date') }}",
        "{{ index_where_present('anonymous_id', 'event_ts') }}",
    ],
) }}
with first_of_repeats as (
    select distinct on (source, event_id) *
    from {{ ref('event_repeats') }}
    where {{ in_scope('event_id', 'source') }}
    order by source, event_id, load_date, file_no, line_no
),

{% if not is_full() -%}
{% for thing in ['user', 'product', 'content'] -%}
{{ thing }}s_changed as (
    {{ changed_since(thing) }}
),

{% endfor -%}
owners_changed as (
    {{ owners_changed() }}
),

-- Events of other load days that belong to another person now, or point to other versions, or to versions that say something
-- else.
pointing as (
    {%- for thing in ['user', 'product', 'content'] %}
    select {{ event_columns('fact') }}
    from {{ thing }}s_changed as changed
    inner join {{ this }} as fact
        on
            {%- if thing == 'user' %}
            'user:' || changed.thing_id = fact.person_id -- what the visitor did belongs to the user, too
            {%- else %}
            changed.thing_id = fact.{{ thing }}_id
            {%- endif %}
            and fact.event_date >= {{ first_date_from('changed.since') }}
            and fact.event_ts >= changed.since
    where fact.load_date <> all({{ load_days() }})
    union
    {%- endfor %}
    select {{ event_columns('fact') }}
    from owners_changed as changed
    inner join {{ this }} as fact
        on
            changed.anonymous_id = fact.anonymous_id
            and fact.event_ts > changed.after_ts
            and fact.event_ts <= changed.until_ts
    where fact.user_id is null and fact.load_date <> all({{ load_days() }})
),

{% endif -%}
events as (
    select {{ event_columns('arrivals') }}
    from {{ ref('stg_user_events') }} as arrivals
    where
        arrivals.load_date = any({{ load_days() }})
        and not exists (
            select
            from {{ ref('event_repeats') }} as repeats
            where
                repeats.event_id = arrivals.event_id
                and repeats.source = arrivals.source
                and repeats.load_date = arrivals.load_date
                and repeats.load_date = any({{ load_days() }})
        )
    union all
    select {{ event_columns('first_of_repeats') }}
    from first_of_repeats
    {%- if not is_full() %}
    union all
    select {{ event_columns('pointing') }}
    from pointing
    where
        (pointing.event_id, pointing.source) not in (
            select
                scope.event_id,
                scope.source
            from {{ scope_table() }} as scope
        )
    {%- endif %}
),

-- The user whose event it is, if it is anybody's whom we know: its own, else the one with whom the visitor is seen.
owned as (
    select
        events.*,
        coalesce(events.user_id, spans.user_id) as person_user_id
    from events
    left join {{ ref('identity_spans') }} as spans
        on
            events.user_id is null
            and events.anonymous_id = spans.anonymous_id
            and events.event_ts > spans.after_ts
            and events.event_ts <= spans.until_ts
)

select
    events.source,
    events.event_id,
    case
        when events.person_user_id is not null then 'user:' || events.person_user_id
        else 'visitor:' || events.anonymous_id
    end as person_id,
    events.user_id,
    events.anonymous_id,
    events.event_type,
    events.event_ts,
    events.event_date,
    events.platform,
    events.app_version,
    events.user_agent,
    events.content_id,
    events.product_id,
    coalesce(dim_user.user_key, -1) as user_key,
    coalesce(dim_content.content_key, -1) as content_key,
    coalesce(dim_product.product_key, -1) as product_key,
    events.duration_seconds,
    events.amount,
    events.currency,
    events.properties,
    events.event_name,
    events.is_activity,
    events.country,
    events.language,
    events.device_type,
    events.os,
    events.browser,
    events.page_path,
    events.referrer,
    events.utm_source,
    events.utm_medium,
    events.utm_campaign,
    events.session_id,
    events.order_id,
    events.quantity,
    events.is_producer_session,
    {{ is_left_out('events', 'coalesce(events.person_user_id, events.anonymous_id)') }} as is_bot,
    events.load_date,
    events.file_no,
    events.line_no
from owned as events
left join {{ ref('dim_user') }} as dim_user
    on
        events.person_user_id = dim_user.user_id
        and events.event_ts >= dim_user.valid_from
        and events.event_ts < dim_user.valid_to
left join {{ ref('dim_content') }} as dim_content
    on
        events.content_id = dim_content.content_id
        and events.event_ts >= dim_content.valid_from
        and events.event_ts < dim_content.valid_to
left join {{ ref('dim_product') }} as dim_product
    on
        events.product_id = dim_product.product_id
        and events.event_ts >= dim_product.valid_from
        and events.event_ts < dim_product.valid_to
-- The events of a person and a date lie together: what is looked up by them is on few pages.
order by event_date, person_id
