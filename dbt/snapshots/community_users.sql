-- One row per version of a user of the community and span of time in which `core.dim_user` said so.
{% snapshot community_users %}
{{ config(unique_key='user_key') }}
select
    user_key,
    user_id,
    country,
    language,
    device,
    plan,
    acquisition_channel,
    signup_at,
    valid_from,
    valid_to
from {{ ref('dim_user') }}
where
    user_id in (
        select thing_id
        from {{ ref('extract_changes') }}
        where thing = 'user' and source in ('{{ var('audit_trail_sources') | join("', '") }}')
    )
{% endsnapshot %}
