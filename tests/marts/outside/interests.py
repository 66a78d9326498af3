"""What people care for: topics, formats and times of day, of each person and of all."""

import datetime
from collections import Counter, defaultdict

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.content import days, things
from tests.marts.outside.engagement import rounded, sessions
from tests.marts.outside.people import active_dates

WINDOW = datetime.timedelta(days=28)


def interests(landed: Landed) -> dict[tuple, Counter]:
    """(person, kind): how often each thing."""
    last = {person: max(dates) for person, dates in active_dates(landed).items()}
    found = defaultdict(Counter)

    def is_late(person: str, date: datetime.date) -> bool:
        return person in last and last[person] - WINDOW < date <= last[person]

    for (person, date, _), events in days(landed).items():
        starts = sum(event.event_type == "content_start" for event in events)
        if starts and is_late(person, date):
            kinds, _ = things(landed, events)
            for kind in kinds.keys() & {"topic", "format"}:
                found[person, kind][kinds[kind]] += starts
    for events in sessions(landed):
        first = events[0]
        if not any(event.is_bot for event in events) and is_late(first.person, first.date):
            hour = first.at.astimezone(landed.zone).hour
            found[first.person, "time_of_day"][["night", "morning", "afternoon", "evening"][hour // 6]] += 1
    return found


def ranked(counts: Counter) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


@equals("select person_id, kind, thing, uses, share, interest_rank from marts.mart_interests")
def of_people(landed: Landed) -> list[tuple]:
    return [
        (person, kind, thing, uses, rounded(uses, counts.total()), rank)
        for (person, kind), counts in interests(landed).items()
        for rank, (thing, uses) in enumerate(ranked(counts), 1)
    ]


@equals("select kind, thing, people, people_first, share_first, uses, share_of_uses from reporting.interests")
def of_all(landed: Landed) -> list[tuple]:
    last = {person: max(dates) for person, dates in active_dates(landed).items()}
    newest = max(landed.dates)
    people, firsts, uses = Counter(), Counter(), Counter()
    for (person, kind), counts in interests(landed).items():
        if last[person] > newest - WINDOW:
            firsts[kind, ranked(counts)[0][0]] += 1
            for thing, count in counts.items():
                people[kind, thing] += 1
                uses[kind, thing] += count
    rows = []
    for kind, thing in people:
        of_kind = [sum(count for (other, _), count in counts.items() if other == kind) for counts in (firsts, uses)]
        first, count = firsts[kind, thing], uses[kind, thing]
        rows.append(
            (kind, thing, people[kind, thing], first, rounded(first, of_kind[0]), count, rounded(count, of_kind[1]))
        )
    return rows
