"""The canonical columns that contracts may fill are those of the raw tables."""

import pytest

from ingestion.targets import EVENT_TYPES, TARGETS
from tests.ingestion.helpers import Landing


@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_columns_are_those_of_the_table(landing: Landing, target):
    columns = landing.query(
        "select column_name from information_schema.columns where table_schema = 'raw' and table_name = %s"
        " order by ordinal_position",
        target.name,
    )
    assert target.copy_columns == tuple(name for (name,) in columns)


def test_there_are_26_canonical_event_types():
    assert len(EVENT_TYPES) == 26
