"""One module per suite: `expectations(days)` for a raw table's staging tables, `expectations(build)` for the marts."""
