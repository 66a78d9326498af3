-- One row per version of a product (SCD2), and one for the unknown product.
{{ config(
    indexes=[{'columns': ['product_key'], 'unique': true}, {'columns': ['product_id', 'valid_from'], 'unique': true}],
    meta={'scope': {'by': 'product_id'}},
) }}
with {{ versions(
    'product',
    ['product_name', 'category', 'price', 'currency', 'creator_id'],
) }}
