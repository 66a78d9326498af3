"""Retention after sign-up."""

import datetime
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.engagement import user_at

COLUMNS = {"day": 90, "week": 26, "month": 24}


def following(period: str, start: datetime.date) -> datetime.date:
    if period == "month":
        return (start + datetime.timedelta(days=31)).replace(day=1)
    return start + datetime.timedelta(days=7 if period == "week" else 1)


def told_of(landed: Landed, event) -> dict[str, str | None]:
    """What a cohort is cut by, at an event."""
    user = user_at(landed, event)
    return {
        "all": "all",
        "channel": user.get("acquisition_channel"),
        "country": (user.get("country") or event.country or "").upper() or None,
        "plan": user.get("plan"),
        "platform": event.platform,
    }


def share(count: int, people: int) -> Decimal:
    return (Decimal(count) / people).quantize(Decimal("1e-4"), ROUND_HALF_UP)


def triangle(landed: Landed, entered: dict[str, tuple], columns: dict[str, int]) -> list[tuple]:
    """A row for each cell. `entered`: by person the date and what cuts the cohort; `columns`: how many by period."""
    dates = defaultdict(set)
    for event in landed.activity.itertuples():
        dates[event.person].add(event.date)
    last, rows = max(landed.dates), []
    for period, size in columns.items():
        cohorts = defaultdict(list)
        for person, (date, told) in entered.items():
            for dimension, value in told.items():
                cohorts[dimension, value or "unknown", landed.start_of(period, date)].append(person)
        active = {person: {landed.start_of(period, date) for date in dates[person]} for person in entered}
        for (dimension, value, cohort), people in cohorts.items():
            start = cohort
            for number in range(size + 1):
                if start > last:
                    break
                end = following(period, start)
                on = sum(start in active[person] for person in people) if number else len(people)
                after = sum(any(one >= start for one in active[person]) for person in people) if number else len(people)
                ended = number == 0 or end <= last + datetime.timedelta(days=1)
                shares = [share(count, len(people)) for count in (on, after)]
                cell = (on, shares[0], after, shares[1]) if ended else (None,) * 4
                rows.append((period, dimension, value, cohort, number, len(people), *cell))
                start = end
    return rows


@equals(
    "select period, dimension, breakdown, cohort_start, period_number, cohort_people, people, retention,"
    " people_on_or_after, retention_on_or_after from reporting.retention_after_sign_up"
)
def after_sign_up(landed: Landed) -> list[tuple]:
    entered: dict[str, tuple] = {}
    for event in landed.people.itertuples():
        if event.event_type == "sign_up" and event.person not in entered:
            entered[event.person] = (event.date, told_of(landed, event))
    return triangle(landed, entered, COLUMNS)


def first_activity(landed: Landed) -> dict[str, tuple]:
    entered: dict[str, tuple] = {}
    for event in landed.activity.itertuples():
        if event.person not in entered:
            entered[event.person] = (event.date, told_of(landed, event))
    return entered


@equals(
    "select period, dimension, breakdown, cohort_start, period_number, cohort_people, people, retention,"
    " people_on_or_after, retention_on_or_after from reporting.retention_by_dimension"
)
def by_dimension(landed: Landed) -> list[tuple]:
    return triangle(landed, first_activity(landed), COLUMNS)


@equals(
    "select dimension, breakdown, cohort_start, period_number, first_number, last_number, cohort_people, people,"
    " retention, people_on_or_after, retention_on_or_after from reporting.retention_brackets"
)
def brackets(landed: Landed) -> list[tuple]:
    entered, days = first_activity(landed), defaultdict(set)
    for event in landed.activity.itertuples():
        days[event.person].add((event.date - entered[event.person][0]).days)
    cohorts = defaultdict(list)
    for person, (date, told) in entered.items():
        for dimension, value in told.items():
            cohorts[dimension, value or "unknown", date].append(days[person])
    last, rows = max(landed.dates), []
    for (dimension, value, date), people in cohorts.items():
        known = (last - date).days
        for number, (first, end) in enumerate([(0, 0), (1, 1), (2, 7), (8, 14), (15, 30)]):
            if first > known:
                continue
            on = sum(any(first <= day <= end for day in own) for own in people)
            after = sum(any(first <= day <= 30 for day in own) for own in people)
            cell = (on, share(on, len(people)), after, share(after, len(people))) if end <= known else (None,) * 4
            rows.append((dimension, value, date, number, first, end, len(people), *cell))
    return rows
