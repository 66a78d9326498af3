-- Frozen, in a table made in this transaction: the rows are visible to all as soon as the day is, and vacuum never has
-- to come back for them.
copy raw.{{ staging }} ({{ columns }}) from stdin with (format text, freeze {{ is_new }})
