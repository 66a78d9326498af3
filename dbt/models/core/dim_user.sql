-- One row per version of a user (SCD2), without personal data, and one for the unknown user.
{{ config(
    indexes=[{'columns': ['user_key'], 'unique': true}, {'columns': ['user_id', 'valid_from'], 'unique': true}],
    meta={'deletes': ["delete from {{ this }} where user_id in (
        select changed.thing_id from {{ ref('work_changed') }} as changed where changed.thing = 'user'
    )"]},
    post_hook="{{ analyze_if_large() }}",
) }}
with {{ versions(
    'user',
    ['country', 'language', 'device', 'plan', 'acquisition_channel', 'signup_at'],
) }}
