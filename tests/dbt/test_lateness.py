"""How late events are, by load day: each counts once, by its first arrival, whichever day was built first."""

import pytest

from tests.dbt.helpers import Company, at, event

LATENESS = """
select load_date - date '2026-03-01', days_late, events
from reporting.lateness_by_load_day
order by 1, 2
"""


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 1, 3)])
def test_an_event_counts_on_the_load_day_that_brought_it_first(company: Company, order: tuple[int, ...]):
    company.select("+lateness_by_load_day", "+dim_user", "+fact_user_events")
    days = {
        1: [event("e1", at(1)), event("e2", at(1))],
        2: [event("e1", at(1)), event("e3", at(2)), event("e4", at(0))],
        3: [event("e1", at(1)), event("e3", at(2)), event("e5", at(3))],
    }
    for number in order:
        company.land(number, days[number])
        company.build(number)
    assert company.query(LATENESS) == [(1, 0, 2), (2, 0, 1), (2, 2, 1), (3, 0, 1)]
    assert company.differences() == {}
    company.land(1, [event("e2", at(1))])  # the day is told again: the next day has brought e1 first
    company.build(1)
    assert company.query(LATENESS) == [(1, 0, 1), (2, 0, 1), (2, 1, 1), (2, 2, 1), (3, 0, 1)]
    assert company.differences() == {}
