"""What people use: features by period, how many of them, and how they spread."""

import datetime
from collections import Counter, defaultdict

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.engagement import rounded
from tests.marts.outside.people import active_dates
from tests.marts.outside.retention import following

DAY = datetime.timedelta(days=1)
NAMES = {
    "search": {"search"},
    "content": {"content_start"},
    "community": {"post_create", "comment_create", "like"},
    "shop": {"product_view", "cart_add"},
    "purchase": {"purchase", "subscription_start"},
}


def used(event) -> list[str]:
    mobile = ["mobile app"] if event.platform in ("ios", "android") else []
    return [name for name, events in NAMES.items() if event.event_type in events] + mobile


def uses(landed: Landed) -> dict[tuple, Counter]:
    """(period, its first date): how often each (person, feature)."""
    found = defaultdict(Counter)
    for event in landed.activity.itertuples():
        for feature in used(event):
            for period in ("day", "week", "month"):
                found[period, landed.start_of(period, event.date)][event.person, feature] += 1
    return found


def active(landed: Landed) -> dict[tuple, set[str]]:
    found = {
        (period, landed.start_of(period, date)): set() for period in ("day", "week", "month") for date in landed.dates
    }
    for person, dates in active_dates(landed).items():
        for period in ("day", "week", "month"):
            for date in dates:
                found[period, landed.start_of(period, date)].add(person)
    return found


def is_complete(period: str, start: datetime.date, last: datetime.date) -> bool:
    return following(period, start) <= last + DAY


@equals(
    "select period, period_start, feature, people, active_people, share, uses, uses_per_person, median_uses,"
    " is_complete from reporting.features"
)
def by_period(landed: Landed) -> list[tuple]:
    everybody, last, rows = active(landed), max(landed.dates), []
    for (period, start), counts in uses(landed).items():
        for feature in {feature for _, feature in counts}:
            own = sorted(count for (_, name), count in counts.items() if name == feature)
            all_people = len(everybody[period, start])
            rows.append(
                (
                    *(period, start, feature, len(own), all_people, rounded(len(own), all_people), sum(own)),
                    *(rounded(sum(own), len(own)), own[(len(own) - 1) // 2], is_complete(period, start, last)),
                )
            )
    return rows


@equals(
    "select period, period_start, features_used, people, active_people, share, is_complete"
    " from reporting.feature_breadth"
)
def breadth(landed: Landed) -> list[tuple]:
    found, last, rows = uses(landed), max(landed.dates), []
    for (period, start), people in active(landed).items():
        own = Counter(person for person, _ in found[period, start])
        numbers = Counter(own[person] for person in people)
        for number in numbers.keys() | {0}:
            share = rounded(numbers[number], len(people))
            rows.append((period, start, number, numbers[number], len(people), share, is_complete(period, start, last)))
    return rows


def first_uses(landed: Landed) -> dict[str, dict[str, datetime.date]]:
    """Feature: the first date of each person who used it."""
    found = defaultdict(dict)
    for event in landed.activity.itertuples():
        for feature in used(event):
            found[feature].setdefault(event.person, event.date)
    return found


@equals("select activity_date, feature, new_adopters, adopters, people, adoption from reporting.feature_adoption")
def adoption(landed: Landed) -> list[tuple]:
    firsts = first_uses(landed)
    arrived = [min(dates) for dates in active_dates(landed).values()]
    begin = min(min(own.values()) for own in firsts.values())
    rows = []
    for date in landed.dates:
        for feature, own in firsts.items():
            if date >= begin:
                new, by_then = (sum(first == date for first in own.values()), sum(f <= date for f in own.values()))
                people = sum(first <= date for first in arrived)
                rows.append((date, feature, new, by_then, people, rounded(by_then, people)))
    return rows


@equals("select feature, days_since_first_active, people, adopters, adoption from reporting.feature_adoption_curve")
def adoption_curve(landed: Landed) -> list[tuple]:
    arrived = {person: min(dates) for person, dates in active_dates(landed).items()}
    last, rows = max(landed.dates), []
    for feature, own in first_uses(landed).items():
        for days in range(91):
            known = [person for person, first in arrived.items() if first + days * DAY <= last]
            by_then = sum(person in own and own[person] <= arrived[person] + days * DAY for person in known)
            if known:
                rows.append((feature, days, len(known), by_then, rounded(by_then, len(known))))
    return rows
