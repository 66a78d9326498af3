"""Engagement by slice and histograms of active days."""

import datetime
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from data_generator.vocabulary import EVENTS, LEARNING
from tests.marts.landed import Landed
from tests.marts.outside import equals

LEARNING_EVENTS = {name for name, learning in zip(EVENTS, LEARNING, strict=True) if learning}
DAY = datetime.timedelta(days=1)
PAIRS = [("platform", "country"), ("platform", "plan"), ("country", "plan"), ("region", "surface")]


def rounded(number: Decimal | float, of: Decimal | float, digits: str = "1e-4") -> Decimal | None:
    return (Decimal(number) / Decimal(of)).quantize(Decimal(digits), ROUND_HALF_UP) if of else None


def slices_of(platform: str | None, country: str | None, user: dict) -> list[tuple]:
    known = {
        "platform": platform or "unknown",
        "country": country or "unknown",
        "plan": user.get("plan") or "unknown",
        "channel": user.get("acquisition_channel") or "unknown",
        "surface": {"ios": "mobile", "android": "mobile", "web": "web"}.get(platform, "other"),
    }
    if country in ("DE", "AT", "CH"):
        known["region"] = "DACH"
    alone = [("all", "all", None, None)] + [(name, value, None, None) for name, value in known.items()]
    return alone + [(one, known[one], other, known[other]) for one, other in PAIRS if one in known and other in known]


def user_at(landed: Landed, event) -> dict:
    user = event.person.removeprefix("user:") if event.person.startswith("user:") else None
    return landed.state("users", user, event.at)


def seconds(span: datetime.timedelta) -> Decimal:
    return Decimal(span // datetime.timedelta(microseconds=1)) / 1_000_000


def sessions(landed: Landed) -> list[list]:
    """The events of each session; those of bots begin and end sessions, too."""
    own = landed.events[landed.events.is_activity]
    found = []
    for _, events in own.groupby("person"):
        island = last = None
        for event in events.itertuples():
            if island is None or event.at - last > datetime.timedelta(minutes=30):
                island = event.at
                found.append([event])
            elif (event.at - island) // DAY > (last - island) // DAY:
                found.append([event])
            else:
                found[-1].append(event)
            last = event.at
    return found


@equals(
    "select activity_date, dimension, value, dimension_2, value_2, dau, wau, mau_28, mau, stickiness, learners,"
    " sessions, session_seconds, engaged_seconds, content_starts, content_completions, sessions_per_person,"
    " seconds_per_session, engaged_seconds_per_person, content_starts_per_session from reporting.engagement_by_slice"
)
def by_slice(landed: Landed) -> list[tuple]:
    active, learners = defaultdict(set), defaultdict(set)
    sums = defaultdict(lambda: [0, Decimal(0), Decimal(0), 0, 0])
    countries: dict[tuple, str | None] = {}
    before: dict[str, tuple] = {}
    for event in landed.people.itertuples():
        user = user_at(landed, event)
        country = (user.get("country") or event.country or "").upper() or None
        mine = slices_of(event.platform, country, user)
        countries[event.person, event.date] = country
        for each in mine:
            sums[event.date, each][3] += event.event_type == "content_start"
            sums[event.date, each][4] += event.event_type == "content_complete"
        if event.is_activity:
            last = before.get(event.person)
            if last and last[0] == event.date:
                for each in last[2]:
                    sums[event.date, each][2] += min(seconds(event.at - last[1]), 300)
            before[event.person] = (event.date, event.at, mine)
            for each in mine:
                active[event.date, each].add(event.person)
                if event.event_type in LEARNING_EVENTS:
                    learners[event.date, each].add(event.person)
    for events in sessions(landed):
        first = events[0]
        if not any(event.is_bot for event in events):
            user = user_at(landed, first)
            country = (user.get("country") or countries.get((first.person, first.date)) or "").upper() or None
            for each in slices_of(first.platform, country, user):
                sums[first.date, each][0] += 1
                sums[first.date, each][1] += seconds(events[-1].at - first.at)

    def people(date: datetime.date, each: tuple, days: int) -> int:
        return len(set().union(*(active.get((date - number * DAY, each), ()) for number in range(days))))

    rows = []
    for each in {each for _, each in active}:
        for date in landed.dates:
            dau, wau, mau_28, mau = (people(date, each, days) for days in (1, 7, 28, 30))
            if mau:
                count, long, engaged, begun, done = sums[date, each]
                rows.append(
                    (
                        *(date, *each, dau, wau, mau_28, mau, rounded(dau, mau), len(learners[date, each])),
                        *(count, long, engaged, begun, done),
                        *(rounded(count, dau), rounded(long, count, "1e-2"), rounded(engaged, dau, "1e-2")),
                        rounded(begun, count),
                    )
                )
    return rows


@equals(
    "select within, range_start, range_end, active_days, people, people_at_least, share, is_complete"
    " from reporting.active_days"
)
def active_days(landed: Landed) -> list[tuple]:
    dates_of = defaultdict(set)
    for event in landed.activity.itertuples():
        dates_of[event.person].add(event.date)
    ranges = set()
    for date in landed.dates:
        week, month = landed.start_of("week", date), landed.start_of("month", date)
        ranges.add(("week", week, week + 6 * DAY))
        ranges.add(("trailing_28", week - 21 * DAY, week + 6 * DAY))
        ranges.add(("month", month, (month + 31 * DAY).replace(day=1) - DAY))
    rows = []
    for within, start, end in ranges:
        counts = [sum(start <= date <= end for date in dates) for dates in dates_of.values()]
        for number in range(1, (end - start).days + 2):
            people, least = counts.count(number), sum(count >= number for count in counts)
            share = rounded(people, sum(count > 0 for count in counts))
            rows.append((within, start, end, number, people, least, share, end <= max(landed.dates)))
    return rows
