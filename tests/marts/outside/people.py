"""Segments of people and churn scores, week by week and person by person."""

import datetime
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from tests.marts.landed import Landed
from tests.marts.outside import equals

DAY = datetime.timedelta(days=1)
COMMUNITY = {"post_create", "comment_create", "like", "unlike"}
FEATURES = [{"content_view"}, {"content_start"}, {"content_complete"}, COMMUNITY, {"purchase"}]
WEIGHTS = [Decimal(weight) for weight in ("0.3", "0.5", "0.1", "0.05", "0.05")]


def rounded(number: Decimal, digits: int = 4) -> Decimal:
    return number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@cache
def active_dates(landed: Landed) -> dict[str, set[datetime.date]]:
    dates = defaultdict(set)
    for event in landed.activity.itertuples():
        dates[event.person].add(event.date)
    return dates


def segment(dates: set[datetime.date], first: datetime.date) -> str:
    """What a person is in the week that begins on `first`."""
    if min(dates) > first + 6 * DAY:
        return "new"
    recent = [date for date in dates if first - 21 * DAY <= date <= first + 6 * DAY]
    if not recent:
        return "dormant"
    if max(recent) < first - 7 * DAY:
        return "at_risk"
    return "highly_engaged" if len(recent) >= 12 else "casual"


@equals("select week_start, segment_before, segment, people, is_complete from reporting.segment_moves")
def segment_moves(landed: Landed) -> list[tuple]:
    people, moves = active_dates(landed), Counter()
    for week in sorted({landed.start_of("week", date) for date in landed.dates}):
        for dates in people.values():
            if (now := segment(dates, week)) != "new":
                moves[week, segment(dates, week - 7 * DAY), now] += 1
    return [(*move, count, move[0] + 6 * DAY <= landed.dates[-1]) for move, count in moves.items()]


@equals("select week_start, segment, people, share from reporting.segments")
def segments(landed: Landed) -> list[tuple]:
    counts, totals = Counter(), Counter()
    for week, _, now, people, _ in segment_moves(landed):
        counts[week, now] += people
        totals[week] += people
    return [(week, now, people, rounded(Decimal(people) / totals[week])) for (week, now), people in counts.items()]


@equals(
    "select activity_date, segment, dau, wau, mau, stickiness, share_of_dau, share_of_mau"
    " from reporting.engagement_by_segment"
)
def engagement_by_segment(landed: Landed) -> list[tuple]:
    people, rows = active_dates(landed), []
    for date in landed.dates:
        counts, before = defaultdict(lambda: [0, 0, 0]), landed.start_of("week", date) - 7 * DAY
        for dates in people.values():
            for number, days in enumerate((1, 7, 30)):
                if any(date - days * DAY < one <= date for one in dates):
                    counts[segment(dates, before)][number] += 1
        all_dau, _, all_mau = (sum(numbers) for numbers in zip(*counts.values(), strict=True)) if counts else (0, 0, 0)
        for name, (dau, wau, mau) in counts.items():
            of_dau = rounded(Decimal(dau) / all_dau) if all_dau else None
            of_mau = rounded(Decimal(mau) / all_mau)
            rows.append((date, name, dau, wau, mau, rounded(Decimal(dau) / mau), of_dau, of_mau))
    return rows


@cache
def scores(landed: Landed) -> list[tuple[datetime.date, Decimal, bool | None]]:
    """(last date of a week, score, whether the person left) of each person who was active in the four weeks."""
    people = active_dates(landed)
    events = defaultdict(list)
    for event in landed.people.itertuples():
        if event.date in people.get(event.person, ()):
            events[event.person].append((event.date, event.event_type))
    found = []
    for last in sorted({landed.start_of("week", date) + 6 * DAY for date in landed.dates}):
        if last > landed.dates[-1]:
            continue
        for person, dates in people.items():
            ages = [(last - date).days for date in dates]
            if not any(0 <= age <= 27 for age in ages):
                continue
            left = None
            if last + 28 * DAY <= landed.dates[-1]:
                left = not any(-28 <= age < 0 for age in ages)
            found.append((last, _score(ages, events[person], last), left))
    return found


def _score(ages: list[int], events: list[tuple], last: datetime.date) -> Decimal:
    def fall(now: Decimal | None, before: Decimal | None) -> Decimal:
        return rounded(max(1 - now / before, Decimal(0))) if now is not None and before else Decimal(0)

    def within(first: int, until: int) -> list[str]:
        return [kind for date, kind in events if first <= (last - date).days <= until]

    def completion(kinds: list[str]) -> Decimal | None:
        starts = kinds.count("content_start")
        return Decimal(kinds.count("content_complete")) / starts if starts else None

    def breadth(kinds: list[str]) -> Decimal:
        return Decimal(sum(bool(feature & set(kinds)) for feature in FEATURES))

    now, before = within(0, 27), within(28, 55)
    parts = [
        rounded(Decimal(min(age for age in ages if age >= 0)) / 27),
        1 - min(Decimal(sum(0 <= age <= 27 for age in ages)), Decimal(8)) / 8,
        fall(Decimal(2 * sum(0 <= age <= 13 for age in ages)), Decimal(sum(14 <= age <= 41 for age in ages))),
        fall(completion(now), completion(before)),
        fall(breadth(now), breadth(before)),
    ]
    return rounded(sum(weight * part for weight, part in zip(WEIGHTS, parts, strict=True)), 2)


@equals("select week_end, score_from, people, mean_score, people_churned, churn_rate from reporting.churn_scores")
def churn_scores(landed: Landed) -> list[tuple]:
    bands = defaultdict(list)
    for last, score, left in scores(landed):
        bands[last, min(score // Decimal("0.1") / 10, Decimal("0.9"))].append((score, left))
    rows = []
    for (last, band), each in bands.items():
        mean = rounded(sum(score for score, _ in each) / len(each))
        left = None if each[0][1] is None else sum(gone for _, gone in each)
        rate = None if left is None else rounded(Decimal(left) / len(each))
        rows.append((last, band, len(each), mean, left, rate))
    return rows


@equals("select month_start, people_weeks, churned_people_weeks, auc from reporting.churn_auc")
def churn_auc(landed: Landed) -> list[tuple]:
    """Each who left against each who stayed, one pair after the other."""
    months = defaultdict(lambda: ([], []))
    for last, score, left in scores(landed):
        if left is not None:
            months[landed.start_of("month", last)][left].append(score)
    rows = []
    for month, (stayed, gone) in months.items():
        won = sum(2 if one > other else one == other for one in gone for other in stayed)
        rows.append((month, len(stayed) + len(gone), len(gone), rounded(Decimal(won) / (2 * len(gone) * len(stayed)))))
    return rows
