-- One row per version of a product (SCD2), and one for the unknown product.
{{ config(
    indexes=[{'columns': ['product_key'], 'unique': true}, {'columns': ['product_id', 'valid_from'], 'unique': true}],
    meta={'deletes': ["delete from {{ this }} where product_id in (
        select changed.thing_id from {{ ref('work_changed') }} as changed where changed.thing = 'product'
    )"]},
    post_hook="{{ analyze_if_large() }}",
) }}
with {{ versions(
    'product',
    ['product_name', 'category', 'price', 'currency', 'creator_id'],
) }}
