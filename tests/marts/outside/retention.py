"""Retention after sign-up."""

import datetime
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from tests.marts.landed import Landed
from tests.marts.outside import equals

COLUMNS = {"day": 90, "week": 26, "month": 24}


def following(period: str, start: datetime.date) -> datetime.date:
    if period == "month":
        return (start + datetime.timedelta(days=31)).replace(day=1)
    return start + datetime.timedelta(days=7 if period == "week" else 1)


@equals(
    "select period, dimension, breakdown, cohort_start, period_number, cohort_people, people, retention,"
    " people_on_or_after, retention_on_or_after from reporting.retention_after_sign_up"
)
def after_sign_up(landed: Landed) -> list[tuple]:
    entered: dict[str, tuple] = {}
    dates = defaultdict(set)
    for event in landed.people.itertuples():
        if event.event_type == "sign_up" and event.person not in entered:
            user = landed.state("users", event.person.removeprefix("user:"), event.at)
            told = {
                "all": "all",
                "channel": user.get("acquisition_channel"),
                "country": user.get("country") or event.country,
                "plan": user.get("plan"),
                "platform": event.platform,
            }
            entered[event.person] = (event.date, told)
        if event.is_activity:
            dates[event.person].add(event.date)
    last, rows = max(landed.dates), []
    for period, columns in COLUMNS.items():
        cohorts = defaultdict(list)
        for person, (date, told) in entered.items():
            for dimension, value in told.items():
                cohorts[dimension, value or "unknown", landed.start_of(period, date)].append(person)
        active = {person: {landed.start_of(period, date) for date in dates[person]} for person in entered}
        for (dimension, value, cohort), people in cohorts.items():
            start = cohort
            for number in range(columns + 1):
                if start > last:
                    break
                end = following(period, start)
                on = sum(start in active[person] for person in people) if number else len(people)
                after = sum(any(one >= start for one in active[person]) for person in people) if number else len(people)
                ended = number == 0 or end <= last + datetime.timedelta(days=1)
                shares = [
                    (Decimal(count) / len(people)).quantize(Decimal("1e-4"), ROUND_HALF_UP) for count in (on, after)
                ]
                cell = (on, shares[0], after, shares[1]) if ended else (None,) * 4
                rows.append((period, dimension, value, cohort, number, len(people), *cell))
                start = end
    return rows
