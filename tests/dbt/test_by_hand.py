"""One small source, from its files to the mart, with every number worked out by hand."""

import pytest

from tests.dbt.helpers import Company, at, event
from tests.dbt.runner import Dbt

MODELS = ("+engagement_daily",)

# New York is 5 hours behind UTC in this week. The source is the site of tests/contracts: its session ids make sessions.
#
# event   person      New York    what               session
# u1      user:18     Mon 09:00   page_view          s_1
# u2      user:18     Mon 11:00   content_start      s_1, after two hours
# v1      visitor:18  Mon 09:10   page_view          s_9; visitor 18 is not user 18
# w1, w2  user:7      Mon 10:00   content_start, and 20 minutes later page_view
# x1      user:7      Mon 10:40   page_view          arrives on Wednesday, and goes on with the session of w1 and w2
# n1      user:7      Mon 23:59   page_view          Tuesday in UTC
# n2      user:7      Tue 00:01   content_complete   one session with n1, which began on Monday
# u3      user:18     Tue 12:00   page_view          s_1 again, 25 hours after u2: another session
# login   user:7      Wed 10:00   login              with visitor w, which makes w1, w2, n1 and n2 those of user 7
DAYS = {
    1: [
        event("u1", at(1, "14:00"), "18", session_id="s_1"),
        event("u2", at(1, "16:00"), "18", "content_start", session_id="s_1"),
        event("v1", at(1, "14:10"), None, anonymous_id="18", session_id="s_9"),
        event("w1", at(1, "15:00"), None, "content_start", anonymous_id="w"),
        event("w2", at(1, "15:20"), None, anonymous_id="w"),
    ],
    2: [
        event("n1", at(2, "04:59"), None, anonymous_id="w"),
        event("n2", at(2, "05:01"), None, "content_complete", anonymous_id="w"),
        event("u3", at(2, "17:00"), "18", session_id="s_1"),
    ],
    3: [event("login", at(3, "15:00"), "7", "login", anonymous_id="w"), event("x1", at(1, "15:40"), "7")],
}
PEOPLE = {"user:18": ["u1", "u2", "u3"], "visitor:18": ["v1"], "user:7": ["login", "n1", "n2", "w1", "w2", "x1"]}
# date: DAU, WAU, MAU, learners, completions, sessions.
# Monday: all three; user 18 and user 7 started content. Sessions: s_1, s_9, (w1 w2 x1), (n1 n2).
# Tuesday: user 7 by n2, user 18 by u3; the completion is learning, too. One session began: that of u3.
# Wednesday: user 7 logged in. All three were active within the week.
MART = [
    ("2026-03-02", 3, 3, 3, 2, 0, 4),
    ("2026-03-03", 2, 3, 3, 1, 1, 1),
    ("2026-03-04", 1, 3, 3, 0, 0, 1),
]
SESSIONS = [
    ("user:18", "s_1", 2),
    ("user:18", "s_1", 1),
    ("user:7", "", 3),
    ("user:7", "", 2),
    ("user:7", "", 1),
    ("visitor:18", "s_9", 1),
]


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 2, 1), (2, 3, 1)], ids=str)
def test_any_order_of_the_days_gives_the_numbers_worked_out_by_hand(company: Company, order: tuple[int, ...]):
    company.dbt = Dbt(company.warehouse, company.dbt.folder, settings={"REPORTING_TIMEZONE": "America/New_York"})
    for number, events in DAYS.items():
        company.land_from("site", number, events)
        company.land(number)
    for number in order:
        company.build(number)
    owners = "select person_id, array_agg(event_id order by event_id) from core.fact_user_events group by person_id"
    assert dict(company.query(owners)) == PEOPLE
    mart = company.query(
        "select activity_date::text, dau, wau, mau, daily_active_learners, content_completions, sessions"
        " from reporting.engagement_daily order by 1"
    )
    assert mart == MART
    sessions = "select person_id, producer_session_id, events from core.fact_sessions order by person_id, started_at"
    assert company.query(sessions) == SESSIONS
