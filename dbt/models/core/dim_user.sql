-- One row per version of a user (SCD2), without personal data, and one for the unknown user.
{{ config(
    indexes=[{'columns': ['user_key'], 'unique': true}, {'columns': ['user_id', 'valid_from'], 'unique': true}],
    meta={'scope': {'by': 'user_id'}},
) }}
with {{ versions(
    'user',
    ['country', 'language', 'device', 'plan', 'acquisition_channel', 'signup_at'],
) }}
