"""Questions of analysts, answered from the summaries and from the events: seconds, and that the answers are equal."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta

from bench.road import Road, days_from, median_seconds, throwaway_road

START = date(2025, 3, 1)
DAYS = 365
SCALE = 32  # about ten million events in a year
TABLES = ("+mart_engagement", "+fact_user_retention_cohorts_daily")

# By name: the question to the summaries, and to the events.
QUESTIONS = {
    "MAU of a date": (
        "select mau from marts.mart_engagement where activity_date = %(last)s",
        """
        select count(distinct person_id)
        from core.fact_user_events
        where event_date between %(last)s - 29 and %(last)s and is_activity and not is_bot
        """,
    ),
    "D1, D7 and D30 of each cohort": (
        """
        select cohort_start, active_start - cohort_start, people
        from marts.fact_user_retention_cohorts_daily
        where active_start - cohort_start in (1, 7, 30)
        order by 1, 2
        """,
        """
        with days as (
            select distinct person_id, event_date
            from core.fact_user_events
            where is_activity and not is_bot
        ),
        cohorts as (select person_id, min(event_date) as cohort_start from days group by person_id)
        select cohort_start, event_date - cohort_start, count(*)
        from days
        inner join cohorts using (person_id)
        where event_date - cohort_start in (1, 7, 30)
        group by 1, 2
        order by 1, 2
        """,
    ),
}


@dataclass(frozen=True)
class Question:
    """Seconds until the answer is there, medians; `events` is how many the warehouse holds."""

    name: str
    events: int
    from_summaries: float
    from_events: float


def measure(
    say: Callable[[str], None], *, days: int = DAYS, scale: float = SCALE, repeats: int = 5, start: date = START
) -> list[Question]:
    """Build a company's history, and ask. Raises `RuntimeError` where the two answers differ."""
    with throwaway_road(start=start, scale=scale) as road:
        load_dates = days_from(start, days)
        road.land(load_dates)
        road.publish(load_dates)
        road.build_only(load_dates, *TABLES)
        events = int(road.ask("select count(*) from core.fact_user_events"))
        say(f"{events:,} events in {days} days stand")
        return [_asked(road, name, events, start + timedelta(days - 1), repeats) for name in QUESTIONS]


def _asked(road: Road, name: str, events: int, last: date, repeats: int) -> Question:
    taken, answers = [], []
    with closing(road.server.connect(road.warehouse.database)) as connection, connection.cursor() as cursor:
        for query in QUESTIONS[name]:
            taken.append(median_seconds(cursor, query, repeats, {"last": last}))
            answers.append(cursor.fetchall())
    if answers[0] != answers[1] or not answers[0]:
        raise RuntimeError(f"{name}: the summaries say {answers[0][:3]} …, the events {answers[1][:3]} …")
    return Question(name, events, *taken)
