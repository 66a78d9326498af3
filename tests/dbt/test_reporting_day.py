"""The reporting day in zones whose days have 23, 23.5, 24.5 and 25 hours, and whose midnight is missing or comes twice.

Load days stay those of UTC; all that is landed here lands on the last day of the year and, late, on the day after.
"""

import datetime
import zoneinfo
from dataclasses import dataclass, field

import pytest

from tests.dbt.helpers import Company, event
from tests.dbt.runner import Dbt, DbtError

MODELS = ("+engagement_daily", "+fact_user_weekly_summary", "+dim_date")

YEAR_END, LATE = 305, 306  # 2026-12-31 and the day after it


@dataclass(frozen=True)
class Zone:
    """What is expected of one person's events.

    Attributes:
        week: the first day of a week.
        dates: the moments of the events, in UTC, each with its date. Every second one arrives late.
        sessions: of each session its date and its events. Most consist of the last second of a day and the first of the
            next, and so belong to the date that ends.
        weeks: the events of the days of each week.
        months: the events of each month.
    """

    week: str
    dates: dict[str, str]
    sessions: list[tuple[str, int]]
    weeks: dict[str, list[int]]
    months: dict[str, int] = field(default_factory=dict)


ZONES = {
    # The clock goes from 2:00 to 3:00 on 8 March, which then has 23 hours: from 5:00 UTC (UTC-5) to 4:00 (UTC-4).
    # On 1 November it goes from 2:00 to 1:00: 25 hours, from 4:00 UTC to 5:00. Both are Sundays.
    "America/New_York": Zone(
        week="sunday",
        dates={
            "2026-03-08T04:59:59Z": "2026-03-07",
            "2026-03-08T05:00:00Z": "2026-03-08",
            "2026-03-09T03:59:59Z": "2026-03-08",
            "2026-03-09T04:00:00Z": "2026-03-09",
            "2026-11-01T03:59:59Z": "2026-10-31",
            "2026-11-01T04:00:00Z": "2026-11-01",
            "2026-11-02T04:59:59Z": "2026-11-01",
            "2026-11-02T05:00:00Z": "2026-11-02",
        },
        sessions=[("2026-03-07", 2), ("2026-03-08", 2), ("2026-10-31", 2), ("2026-11-01", 2)],
        # From Sunday to Saturday: a Saturday alone, then a Sunday of two events and a Monday; the same in autumn.
        weeks={
            "2026-03-01": [0, 0, 0, 0, 0, 0, 1],
            "2026-03-08": [2, 1, 0, 0, 0, 0, 0],
            "2026-10-25": [0, 0, 0, 0, 0, 0, 1],
            "2026-11-01": [2, 1, 0, 0, 0, 0, 0],
        },
        months={"2026-03-01": 4, "2026-10-01": 1, "2026-11-01": 3},
    ),
    # 29 March, a Sunday, from 23:00 UTC of the day before (UTC+1) to 22:00 (UTC+2): 23 hours. 25 October, a Sunday,
    # from 22:00 to 23:00: 25 hours. The last second of March (UTC+2) is 21:59:59 UTC.
    "Europe/Berlin": Zone(
        week="monday",
        dates={
            "2026-03-28T22:59:59Z": "2026-03-28",
            "2026-03-28T23:00:00Z": "2026-03-29",
            "2026-03-29T21:59:59Z": "2026-03-29",
            "2026-03-29T22:00:00Z": "2026-03-30",
            "2026-03-31T21:59:59Z": "2026-03-31",
            "2026-03-31T22:00:00Z": "2026-04-01",
            "2026-10-24T21:59:59Z": "2026-10-24",
            "2026-10-24T22:00:00Z": "2026-10-25",
            "2026-10-25T22:59:59Z": "2026-10-25",
            "2026-10-25T23:00:00Z": "2026-10-26",
        },
        sessions=[("2026-03-28", 2), ("2026-03-29", 2), ("2026-03-31", 2), ("2026-10-24", 2), ("2026-10-25", 2)],
        # From Monday to Sunday: a Saturday and a Sunday of two events; then Monday, and Tuesday and Wednesday around
        # the end of March.
        weeks={
            "2026-03-23": [0, 0, 0, 0, 0, 1, 2],
            "2026-03-30": [1, 1, 1, 0, 0, 0, 0],
            "2026-10-19": [0, 0, 0, 0, 0, 1, 2],
            "2026-10-26": [1, 0, 0, 0, 0, 0, 0],
        },
        months={"2026-03-01": 5, "2026-04-01": 1, "2026-10-01": 4},
    ),
    # Half an hour of daylight saving time: UTC+11 in summer, else UTC+10:30. 5 April, a Sunday, from 13:00 UTC of the
    # day before to 13:30: 24.5 hours. 4 October, a Sunday, from 13:30 to 13:00: 23.5 hours.
    "Australia/Lord_Howe": Zone(
        week="sunday",
        dates={
            "2026-04-04T12:59:59Z": "2026-04-04",
            "2026-04-04T13:00:00Z": "2026-04-05",
            "2026-04-05T13:29:59Z": "2026-04-05",
            "2026-04-05T13:30:00Z": "2026-04-06",
            "2026-10-03T13:29:59Z": "2026-10-03",
            "2026-10-03T13:30:00Z": "2026-10-04",
            "2026-10-04T12:59:59Z": "2026-10-04",
            "2026-10-04T13:00:00Z": "2026-10-05",
        },
        sessions=[("2026-04-04", 2), ("2026-04-05", 2), ("2026-10-03", 2), ("2026-10-04", 2)],
        weeks={
            "2026-03-29": [0, 0, 0, 0, 0, 0, 1],
            "2026-04-05": [2, 1, 0, 0, 0, 0, 0],
            "2026-09-27": [0, 0, 0, 0, 0, 0, 1],
            "2026-10-04": [2, 1, 0, 0, 0, 0, 0],
        },
        months={"2026-04-01": 4, "2026-10-01": 4},
    ),
    # Always UTC+5:30: a day begins at 18:30 UTC. 1 March is a Sunday, 31 March a Tuesday.
    "Asia/Kolkata": Zone(
        week="monday",
        dates={
            "2026-03-01T18:29:59Z": "2026-03-01",
            "2026-03-01T18:30:00Z": "2026-03-02",
            "2026-03-31T18:29:59Z": "2026-03-31",
            "2026-03-31T18:30:00Z": "2026-04-01",
        },
        sessions=[("2026-03-01", 2), ("2026-03-31", 2)],
        weeks={
            "2026-02-23": [0, 0, 0, 0, 0, 0, 1],
            "2026-03-02": [1, 0, 0, 0, 0, 0, 0],
            "2026-03-30": [0, 1, 1, 0, 0, 0, 0],
        },
        months={"2026-03-01": 3, "2026-04-01": 1},
    ),
    # On 8 March the clock goes from 0:00 to 1:00 (5:00 UTC): there is no midnight. On 1 November it goes from 1:00 to
    # 0:00 (5:00 UTC): midnight is at 4:00 UTC and again at 5:00. The session of four events goes over both, 30 minutes
    # between the last three: 3:59:59, 4:00, 4:30 and 5:00. The day has 25 hours and four events, 4:59:59 included.
    "America/Havana": Zone(
        week="sunday",
        dates={
            "2026-03-08T04:59:59Z": "2026-03-07",
            "2026-03-08T05:00:00Z": "2026-03-08",
            "2026-03-09T03:59:59Z": "2026-03-08",
            "2026-03-09T04:00:00Z": "2026-03-09",
            "2026-11-01T03:59:59Z": "2026-10-31",
            "2026-11-01T04:00:00Z": "2026-11-01",
            "2026-11-01T04:30:00Z": "2026-11-01",
            "2026-11-01T05:00:00Z": "2026-11-01",
            "2026-11-02T04:59:59Z": "2026-11-01",
            "2026-11-02T05:00:00Z": "2026-11-02",
        },
        sessions=[("2026-03-07", 2), ("2026-03-08", 2), ("2026-10-31", 4), ("2026-11-01", 2)],
        weeks={
            "2026-03-01": [0, 0, 0, 0, 0, 0, 1],
            "2026-03-08": [2, 1, 0, 0, 0, 0, 0],
            "2026-10-25": [0, 0, 0, 0, 0, 0, 1],
            "2026-11-01": [4, 1, 0, 0, 0, 0, 0],
        },
        months={"2026-03-01": 4, "2026-10-01": 1, "2026-11-01": 5},
    ),
}


def in_zone(company: Company, zone: str, week: str = "monday") -> None:
    company.dbt = Dbt(
        company.warehouse, company.dbt.folder, settings={"REPORTING_TIMEZONE": zone, "WEEK_STARTS_ON": week}
    )


def land_in_halves(company: Company, moments: list[str], late: list[str], tests: bool = False) -> None:
    """Events of one person: first those that are not late, built; then the late ones, with data tests or without."""
    company.land(YEAR_END, [event(f"e {moment}", moment) for moment in moments if moment not in late])
    company.land(LATE, [event(f"e {moment}", moment) for moment in late])
    company.build(YEAR_END)
    company.build(LATE, tests=tests)


@pytest.mark.parametrize("name", ZONES)
def test_days_weeks_and_months_of_a_zone(company: Company, name: str):
    zone = ZONES[name]
    in_zone(company, name, zone.week)
    moments = list(zone.dates)
    land_in_halves(company, moments, late=moments[1::2], tests=name in ("America/New_York", "America/Havana"))
    assert company.query(
        "select right(event_id, 20), event_date::text from core.fact_user_events order by event_ts"
    ) == (list(zone.dates.items()))
    assert (
        company.query("select session_date::text, events from core.fact_sessions order by started_at") == zone.sessions
    )
    weekly = dict(company.query("select week_start::text, events_by_day from summaries.fact_user_weekly_summary"))
    assert weekly == zone.weeks
    by_calendar = "select dates.{}::text, sum(events)::integer from summaries.fact_user_daily as daily" + (
        " inner join core.dim_date as dates on daily.event_date = dates.date_day group by 1"
    )
    assert dict(company.query(by_calendar.format("week_start"))) == {week: sum(days) for week, days in weekly.items()}
    assert dict(company.query(by_calendar.format("month_start"))) == zone.months
    assert company.differences() == {}


def test_a_session_over_a_day_of_25_hours(company: Company):
    """A player runs from 23:30 on 31 October (3:30 UTC) to 0:30 on 2 November (5:30 UTC), an event every half hour.

    That is 26 hours, 53 events. The cut comes after 24 hours, at 3:30 UTC or 22:30 on 1 November: 48 events before, 5
    from there on. Dates: 1 event at 23:30 on 31 October; 50 on the day of 25 hours; 0:00 and 0:30 on 2 November. The
    event at 2:00 UTC on 2 November, in the middle of the evening, comes late and joins two islands.
    """
    in_zone(company, "America/New_York", "sunday")
    first = datetime.datetime(2026, 11, 1, 3, 30)  # noqa: DTZ001
    moments = [f"{(first + number * datetime.timedelta(minutes=30)).isoformat()}Z" for number in range(53)]
    land_in_halves(company, moments, late=["2026-11-02T02:00:00Z"])
    daily = company.query("select event_date::text, events, sessions from summaries.fact_user_daily order by 1")
    assert daily == [("2026-10-31", 1, 1), ("2026-11-01", 50, 1), ("2026-11-02", 2, 0)]
    sessions = company.query("select session_date::text, events from core.fact_sessions order by started_at")
    assert sessions == [("2026-10-31", 48), ("2026-11-01", 5)]
    assert company.differences() == {}


def test_a_date_that_comes_back(company: Company):
    """In St. John's the clock went from 0:01 on 7 November 2010 back to 23:01 (2:31 UTC).

    2:30 UTC is on the 7th, 2:55 on the 6th again (23:25). The late event at 2:20 (23:50 on the 6th) joins the session:
    its window, from 1:50 to 2:55 UTC, begins and ends on the 6th, and has the 7th in its middle.
    """
    in_zone(company, "America/St_Johns")
    moments = ["2010-11-07T02:20:00Z", "2010-11-07T02:30:00Z", "2010-11-07T02:55:00Z"]
    land_in_halves(company, moments, late=moments[:1], tests=True)
    dates = company.query("select event_date::text from core.fact_user_events order by event_ts")
    assert dates == [("2010-11-06",), ("2010-11-07",), ("2010-11-06",)]
    assert company.query("select session_date::text, events from core.fact_sessions") == [("2010-11-06", 3)]
    assert company.differences() == {}


def test_no_clock_goes_back_further_than_the_macros_allow_for():
    """From one week to the next no zone's distance to UTC shrinks by more than 3 hours, from 2010 to 2037."""
    shrunk = {}
    for name in zoneinfo.available_timezones():
        moment, before = datetime.datetime(2009, 12, 30, tzinfo=datetime.UTC), None
        while moment.year < 2038:
            offset = moment.astimezone(zoneinfo.ZoneInfo(name)).utcoffset()
            shrunk[name] = max(shrunk.get(name, offset - offset), (before or offset) - offset)
            moment, before = moment + datetime.timedelta(weeks=1), offset
    assert max(shrunk.values()) == shrunk["Antarctica/Casey"] == datetime.timedelta(hours=3)


def test_the_first_moment_that_an_event_may_have_is_in_the_calendar(company: Company):
    """It is 19:00 on the last day of 2009 in New York."""
    in_zone(company, "America/New_York")
    company.land(1, [event("e1", "2010-01-01T00:00:00Z")])
    company.build(1)
    assert company.query("select activity_date::text, dau from reporting.engagement_daily") == [("2009-12-31", 1)]


@pytest.mark.parametrize(
    ("setting", "value", "remedy"),
    [
        ("REPORTING_TIMEZONE", "Europe/Atlantis", "a name of the IANA database"),
        ("REPORTING_TIMEZONE", "'; drop table", "a name of the IANA database"),
        ("REPORTING_TIMEZONE", "", "a name of the IANA database"),
        ("WEEK_STARTS_ON", "Sunday", "monday or sunday"),
    ],
)
def test_dbt_refuses_a_wrong_value_and_names_the_setting(company: Company, setting: str, value: str, remedy: str):
    company.dbt = Dbt(company.warehouse, company.dbt.folder, settings={setting: value})
    with pytest.raises(DbtError) as refused:
        company.dbt.run(*company.selected)
    assert f"{setting}='{value}' is" in str(refused.value)
    assert remedy in str(refused.value)
