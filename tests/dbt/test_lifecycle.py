"""How people come, stay, come back and leave, and a second computation of it from the landed lines."""

import datetime
import random
from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.dbt.helpers import Company, at, day, event

MODELS = ("+lifecycle", "+retention")

PERIODS = ("day", "week", "month")


def start_of(period: str, date: datetime.date) -> datetime.date:
    if period == "day":
        return date
    return date - datetime.timedelta(days=date.weekday()) if period == "week" else date.replace(day=1)


def lifecycle(active: set[tuple[str, datetime.date]], period: str) -> list[tuple]:
    """(period start, active, new, returning, resurrected, dormant) from (person, date), a period at a time."""
    periods: dict[datetime.date, set[str]] = {}
    first, last = min(date for _, date in active), max(date for _, date in active)
    for number in range((last - first).days + 1):
        periods.setdefault(start_of(period, first + datetime.timedelta(days=number)), set())
    for person, date in active:
        periods[start_of(period, date)].add(person)
    rows, seen, before = [], set(), set()
    for start in sorted(periods):
        now = periods[start]
        rows.append(
            (start, len(now), len(now - seen), len(now & before), len((now & seen) - before), len(before - now))
        )
        seen |= now
        before = now
    return rows


def retention(active: set[tuple[str, datetime.date]], period: str) -> list[tuple]:
    """(cohort, number, start, size, people, rate, people on or after, its rate), a cell at a time."""
    dates = {person: sorted(date for one, date in active if one == person) for person, _ in active}
    starts = [start for start, *_ in lifecycle(active, period)]
    last = max(date for _, date in active)
    rows = []
    for first, cohort in enumerate(starts):
        people = [one for one, dated in dates.items() if start_of(period, dated[0]) == cohort]
        for number, start in enumerate(starts[first:] if people else []):
            following = starts[first + number + 1 :]
            ended = bool(following) or start_of(period, last + datetime.timedelta(days=1)) != start or number == 0
            on = sum(start in {start_of(period, date) for date in dates[one]} for one in people)
            after = sum(start_of(period, dates[one][-1]) >= start for one in people)
            rates = [(Decimal(count) / len(people)).quantize(Decimal("1e-4"), ROUND_HALF_UP) for count in (on, after)]
            cell = (on, rates[0], after, rates[1]) if ended else (None,) * 4
            rows.append((cohort, number, start, len(people), *cell))
    return rows


@pytest.fixture
def company_of_60_days(company: Company) -> tuple[Company, set[tuple[str, datetime.date]]]:
    """People who come and go over 60 days in 4 load days; some events arrive long after they happened."""
    dice = random.Random(11)
    active = {(f"u_{dice.randrange(12)}", dice.randrange(1, 61)) for _ in range(70)} - {("u_1", 30)}
    active |= {("u_1", 1), ("u_1", 60)}
    landed: dict[int, list[dict]] = {61: [], 62: [], 63: [], 64: []}
    for number, (person, on) in enumerate(sorted(active)):
        landed[dice.randrange(61, 65)].append(event(f"e{number}", at(on), person))
    landed[62].append(event("bot", at(30), "u_1", user_agent="Googlebot/2.1"))
    landed[62].append(event("sent", at(30), "u_1", "subscription_renew"))
    for number, events in landed.items():
        company.land(number, events)
    return company, {(person, day(on)) for person, on in active}


@pytest.mark.parametrize("order", [[[61, 62, 63, 64]], [[64], [61], [63], [62]]], ids=["at once", "day by day"])
def test_lifecycle_and_retention(company_of_60_days, order):
    company, active = company_of_60_days
    for days in order:
        company.build(*days)
    for period in PERIODS:
        query = (
            "select period_start, active_people, new_people, returning_people, resurrected_people, dormant_people"
            " from reporting.lifecycle"
        )
        assert company.query(f"{query} where period = '{period}' order by 1") == lifecycle(active, period)
        query = (
            "select cohort_start, period_number, active_start, cohort_people, people, retention, people_on_or_after,"
            " retention_on_or_after from reporting.retention"
        )
        assert company.query(f"{query} where period = '{period}' order by 1, 2") == retention(active, period)
    assert company.differences() == {}


def test_a_first_day_that_moves_back_moves_the_person_to_another_cohort(company):
    """u_1 is first known on the 4th, and comes back on the 6th; what happened on the 1st arrives later."""
    company.select("+fact_user_retention_cohorts_daily")
    query = "select cohort_start, active_start, people from marts.fact_user_retention_cohorts_daily order by 1, 2"
    company.land(4, [event("e1", at(4))])
    company.land(6, [event("e2", at(6))])
    company.land(7, [event("e3", at(1))])
    company.build(4, 6)
    assert company.query(query) == [(day(4), day(4), 1), (day(4), day(6), 1)]
    company.build(7)
    assert company.query(query) == [(day(1), day(1), 1), (day(1), day(4), 1), (day(1), day(6), 1)]
    assert company.differences() == {}


def test_a_period_is_complete_when_its_last_date_has_events(company):
    """2 March 2026 is a Monday: 8 March ends the week, 31 March the month."""
    company.select("+lifecycle")
    query = "select period, is_complete from reporting.lifecycle where period <> 'day' order by period_start, period"
    company.land(8, [event("e1", at(1)), event("e2", at(6))])
    company.build(8)
    assert company.query(query) == [("month", False), ("week", False)]
    company.land(9, [event("e3", at(7))])
    company.build(9)
    assert company.query(query) == [("month", False), ("week", True)]
    assert company.differences() == {}
