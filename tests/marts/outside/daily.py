"""Active people, learners and what they did, by date."""

import datetime
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal

from data_generator.vocabulary import EVENTS, LEARNING
from tests.marts.landed import Landed
from tests.marts.outside import equals

LEARNING_EVENTS = {name for name, learning in zip(EVENTS, LEARNING, strict=True) if learning}


@equals(
    "select activity_date, dau, wau, mau, stickiness, daily_active_learners, content_completions, dach_active_users_30d"
    " from reporting.engagement_daily"
)
def engagement(landed: Landed) -> list[tuple]:
    active, learners, dach, completions = (defaultdict(set) for _ in range(4))
    for event in landed.people.itertuples():
        if event.is_activity:
            active[event.date].add(event.person)
            if event.event_type in LEARNING_EVENTS:
                learners[event.date].add(event.person)
            user = event.person.removeprefix("user:") if event.person.startswith("user:") else None
            country = landed.state("users", user, event.at).get("country") or event.country
            if (country or "").upper() in ("DE", "AT", "CH"):
                dach[event.date].add(event.person)
        if event.event_type == "content_complete":
            completions[event.date].add(event.event_id)

    def window(people: dict[datetime.date, set], last: datetime.date, days: int) -> int:
        return len(set().union(*(people[last - datetime.timedelta(days=number)] for number in range(days))))

    rows = []
    for date in landed.dates:
        dau, mau = len(active[date]), window(active, date, 30)
        stickiness = (Decimal(dau) / mau).quantize(Decimal("1e-4"), ROUND_HALF_UP) if mau else None
        rows.append(
            (
                *(date, dau, window(active, date, 7), mau, stickiness, len(learners[date])),
                *(len(completions[date]), window(dach, date, 30)),
            )
        )
    return rows


@equals("select load_date, source, days_late, events from reporting.lateness_by_load_day")
def lateness(landed: Landed) -> list[tuple]:
    counted = Counter((event.landed, (event.landed - event.at.date()).days) for event in landed.events.itertuples())
    return [(day, "app", late, events) for (day, late), events in counted.items()]
