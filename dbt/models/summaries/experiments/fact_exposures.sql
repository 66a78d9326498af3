-- One row per person, date, experiment and variant that the person saw on it: when first.
{{ config(
    indexes=[{'columns': ['person_id', 'event_date', 'experiment', 'variant'], 'unique': true}],
    meta={'scope': {'by': 'person_date'}},
) }}
{{ exposures([{
    'event': 'experiment_view',
    'experiment': "coalesce(properties ->> 'experiment', properties ->> 'experiment_name', properties ->> 'Experiment name', properties ->> 'experiment_id')",
    'variant': "coalesce(properties ->> 'variant', properties ->> 'variation_name', properties ->> 'Variant name', properties ->> 'variant_id')",
}]) }}
{{ in_order_of('event_date') }}
