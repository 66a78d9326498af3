"""What people view, start, complete and like; how far they come; who brings out content."""

import datetime
import math
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from tests.marts.landed import Landed
from tests.marts.outside import equals

FORMATS = {"book_text": "text", "book_audio": "audio", "podcast_episode": "audio", "post": "text"}
ABOUT = {
    "content_view": "views",
    "content_start": "starts",
    "content_complete": "completions",
    "like": "likes",
    "unlike": "unlikes",
}
HEARD = ("content_progress", "content_pause", "content_complete")
PERIODS = ("day", "week", "month")


def rate(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("1e-4"), ROUND_HALF_UP) if whole else None


def days(landed: Landed) -> dict[tuple, list]:
    """Events about content by person, date and content."""
    found = defaultdict(list)
    for event in landed.people[landed.people.content_id.notna()].itertuples():
        found[event.person, event.date, event.content_id].append(event)
    return found


def things(landed: Landed, events: list) -> tuple[dict, dict]:
    """(thing of each kind, what is known) of a piece of content, at the last of the events about it."""
    last = max(events, key=lambda event: (event.at, event.event_id))
    known = landed.state("content", last.content_id, last.at)
    kinds = {
        "all": "(all)",
        "format": FORMATS.get(known.get("content_type"), "other"),
        "content_type": known.get("content_type") or "unknown",
        "topic": known.get("topic"),
        "series": known.get("series_id"),
        "creator": known.get("creator_id"),
        "content": last.content_id,
    }
    return {kind: thing for kind, thing in kinds.items() if thing}, known


@equals(
    "select period, period_start, kind, thing, people_rank, completion_rank, people, starters, views, starts,"
    " completions, completion_rate, heard_minutes, likes, net_likes, like_ratio from reporting.content_ranking"
)
def ranking(landed: Landed) -> list[tuple]:
    viewers, starters, counts = defaultdict(set), defaultdict(set), defaultdict(Counter)
    heard = Counter()
    for (person, date, _), events in days(landed).items():
        number = Counter(ABOUT[event.event_type] for event in events if event.event_type in ABOUT)
        if not number:
            continue
        seconds = sum(int(event.duration_seconds or 0) for event in events if event.event_type in HEARD)
        for kind, thing in things(landed, events)[0].items():
            for period in PERIODS:
                key = (period, landed.start_of(period, date), kind, thing)
                counts[key] += number
                heard[key] += seconds
                if number["views"] + number["starts"]:
                    viewers[key].add(person)
                if number["starts"]:
                    starters[key].add(person)
    lists = defaultdict(list)
    for key in counts:
        lists[key[:3]].append(key)
    rows = []
    for keys in lists.values():
        for key in keys:
            one = counts[key]
            net = one["likes"] - one["unlikes"]
            rows.append(
                (
                    *key,
                    1 + sum(len(viewers[other]) > len(viewers[key]) for other in keys),
                    1 + sum(counts[other]["completions"] > one["completions"] for other in keys),
                    *(len(viewers[key]), len(starters[key]), one["views"], one["starts"], one["completions"]),
                    rate(one["completions"], one["starts"]),
                    (Decimal(heard[key]) / 60).quantize(Decimal("1e-2"), ROUND_HALF_UP),
                    *(one["likes"], net, rate(net, one["views"])),
                )
            )
    return rows


def starts(landed: Landed) -> list[tuple]:
    """(month, things, share that was heard or none, whether completed) of each person and piece of content."""
    pairs = defaultdict(dict)
    for (person, date, content), events in days(landed).items():
        pairs[person, content][date] = events
    rows = []
    for by_date in pairs.values():
        started = [date for date, events in by_date.items() if any(one.event_type == "content_start" for one in events)]
        if not started:
            continue
        first = min(started)
        kinds, known = things(landed, by_date[first])
        within = [
            event
            for date, events in by_date.items()
            if first <= date < first + datetime.timedelta(days=30)
            for event in events
        ]
        seconds = sum(int(event.duration_seconds or 0) for event in within if event.event_type in HEARD)
        length = Fraction(known.get("duration_seconds") or 0)
        completed = any(event.event_type == "content_complete" for event in within)
        rows.append((first.replace(day=1), kinds, seconds / length if length else None, completed))
    return rows


@equals(
    "select month_start, kind, thing, starters, completers, measured_starters, reached_25, reached_50, reached_75,"
    " reached_100, reached_50_rate, is_complete from reporting.content_progress"
)
def progress(landed: Landed) -> list[tuple]:
    groups = defaultdict(list)
    for month, kinds, share, completed in starts(landed):
        for kind in ("all", "format", "content_type", "content"):
            groups[month, kind, kinds[kind]].append((share, completed))
    rows = []
    for key, told in groups.items():
        measured = [share for share, _ in told if share is not None]
        reached = [
            sum(share >= least for share in measured) for least in map(Fraction, ("1/4", "1/2", "3/4", "99/100"))
        ]
        following = (key[0] + datetime.timedelta(days=31)).replace(day=1)
        is_over = landed.dates[-1] >= following + datetime.timedelta(days=28)
        completers = sum(completed for _, completed in told)
        rows.append((*key, len(told), completers, len(measured), *reached, rate(reached[1], len(measured)), is_over))
    return rows


@equals(
    "select month_start, thing, heard_percent, starters, dropped_off from reporting.content_drop_off"
    " where kind = 'content_type'"
)
def drop_off(landed: Landed) -> list[tuple]:
    number, left = Counter(), Counter()
    for month, kinds, share, completed in starts(landed):
        if share is not None:
            percent = 100 if share >= Fraction(99, 100) else 5 * math.floor(20 * share)
            number[month, kinds["content_type"], percent] += 1
            left[month, kinds["content_type"], percent] += not completed
    return [(*key, number[key], left[key]) for key in number]


@equals("select period, period_start, pieces, active_creators from reporting.active_creators")
def creators(landed: Landed) -> list[tuple]:
    pieces, who = Counter(), defaultdict(set)
    newest = landed.content.groupby("content_id").tail(1)
    for row in newest[newest.op != "delete"].itertuples():
        if row.released_at:
            date = landed.date_of(datetime.datetime.fromisoformat(row.released_at))
            for period in PERIODS:
                key = (period, landed.start_of(period, date))
                pieces[key] += 1
                who[key].add(row.creator_id)
    return [(*key, pieces[key], len(who[key])) for key in pieces]
