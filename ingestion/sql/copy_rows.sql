-- Frozen where the table was made in this transaction: vacuum never has to rewrite these rows.
copy raw.{{ staging }} ({{ columns }}) from stdin with (format text, freeze {{ is_new }})
