"""Where visits come from, and what sign-ups and purchases are attributed to."""

import datetime
from collections import Counter, defaultdict
from urllib.parse import urlsplit

from tests.marts.landed import Landed
from tests.marts.outside import equals

IDLE, LONGEST = datetime.timedelta(minutes=30), datetime.timedelta(hours=24)
LOOK_BACK = datetime.timedelta(days=90)
# All that leads to a visit of the company: (source, medium, campaign), and the channel by Google's table.
CHANNELS = {
    ("google.com", "organic", "(not set)"): "Organic Search",
    ("youtube.com", "referral", "(not set)"): "Organic Video",
    ("en.wikipedia.org", "referral", "(not set)"): "Referral",
    ("google", "cpc", "brand"): "Paid Search",
    ("instagram", "social", "morning_routine"): "Organic Social",
    ("podcast", "audio", "host_read"): "Audio",
    ("newsletter", "email", "weekly"): "Email",
    ("(direct)", "(none)", "(not set)"): "Direct",
}
DIRECT = ("(direct)", "(none)", "(not set)")


def origin(event) -> tuple[str, str, str] | None:
    """Source, medium and campaign of an event that says where its person came from."""
    if event.utm_source:
        return event.utm_source, event.utm_medium, event.utm_campaign
    if event.referrer:
        host = urlsplit(event.referrer).hostname.removeprefix("www.")
        return host, "organic" if host == "google.com" else "referral", "(not set)"
    return None


def sessions(landed: Landed) -> list[tuple[str, list]]:
    """(person, events) of each session."""
    found = []
    activity = landed.activity.sort_values(["person", "at", "event_id"])
    for person, events in activity.groupby("person", sort=False):
        island, piece, before = None, None, None
        for event in events.itertuples():
            if before is None or event.at - before > IDLE:
                island, piece = event.at, None
            number = (event.at - island) // LONGEST
            if number != piece:
                found.append((person, []))
                piece = number
            found[-1][1].append(event)
            before = event.at
    return found


def touches(landed: Landed) -> list[tuple]:
    """(person, date of the session, time and id of the touch or none, origin) of each session."""
    rows = []
    for person, events in sessions(landed):
        first = next((event for event in events if origin(event)), None)
        found = (first.at, first.event_id, origin(first)) if first else (None, None, DIRECT)
        rows.append((person, events[0].date, *found))
    return rows


def attributed(landed: Landed) -> list[tuple]:
    """(event, model, origin) of each sign-up and purchase."""
    known = defaultdict(list)
    for person, _, at, event_id, came_from in touches(landed):
        if at:
            known[person].append((at, event_id, came_from))
    rows = []
    for event in landed.people[landed.people.event_type.isin(["sign_up", "purchase"])].itertuples():
        before = sorted(touch for touch in known[event.person] if event.at - LOOK_BACK <= touch[0] <= event.at)
        rows.append((event, "first_touch", before[0][2] if before else DIRECT))
        rows.append((event, "last_non_direct", before[-1][2] if before else DIRECT))
    return rows


@equals(
    "select period, period_start, model, slice, channel, source, medium, campaign, people, sessions, sign_ups,"
    " purchases, is_complete from reporting.acquisition"
)
def acquisition(landed: Landed) -> list[tuple]:
    people, counts = defaultdict(set), defaultdict(Counter)

    def count(date: datetime.date, model: str, came_from: tuple[str, str, str], person: str, what: str) -> None:
        channel = CHANNELS[came_from]
        slices = (
            ("all", *("(all)",) * 4),
            ("channel", channel, *("(all)",) * 3),
            ("campaign", channel, *came_from),
        )
        for period in ("day", "week", "month"):
            for one in slices:
                key = (period, landed.start_of(period, date), model, *one)
                people[key].add(person)
                counts[key][what] += 1

    for person, date, _, _, came_from in touches(landed):
        count(date, "session", came_from, person, "session")
    for event, model, came_from in attributed(landed):
        count(event.date, model, came_from, event.person, event.event_type)
    rows = []
    last = landed.dates[-1]
    for key, who in people.items():
        period, start, model, *_ = key
        of_sessions = model == "session"
        rows.append(
            (
                *(*key, len(who)),
                counts[key]["session"] if of_sessions else None,
                *(None if of_sessions else counts[key][what] for what in ("sign_up", "purchase")),
                # complete: the day after the last one begins another period, or that one is over already
                landed.start_of(period, last + datetime.timedelta(days=1)) > start,
            )
        )
    return rows


@equals(
    "select purchase_date, model, channel, source, medium, campaign, currency, purchases, revenue"
    " from reporting.acquisition_revenue"
)
def revenue(landed: Landed) -> list[tuple]:
    number, money = Counter(), Counter()
    for event, model, came_from in attributed(landed):
        if event.event_type == "purchase":
            key = (event.date, model, CHANNELS[came_from], *came_from, event.currency)
            number[key] += 1
            money[key] += float(event.amount)
    return [(*key, number[key], money[key]) for key in number]
