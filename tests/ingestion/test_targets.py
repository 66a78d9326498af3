"""The canonical columns that contracts may fill are those of the raw tables."""

import pytest

from ingestion.service import staging_table
from ingestion.targets import CHANGES, TARGETS
from tests.ingestion.helpers import Landing


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_columns_are_those_of_the_table(landing: Landing, target):
    assert target.copy_columns == tuple(name for name, *_ in columns(landing, target.name))


@pytest.mark.parametrize("target", CHANGES, ids=lambda target: target.name)
def test_what_is_staged_has_the_columns_of_what_is_published(landing: Landing, target):
    assert columns(landing, staging_table(target.name)) == columns(landing, target.name)


def columns(landing: Landing, table: str) -> list[tuple]:
    return landing.query(
        "select column_name, data_type, numeric_precision, numeric_scale, is_nullable from information_schema.columns"
        " where table_schema = 'raw' and table_name = %s order by ordinal_position",
        table,
    )
