"""How far people come, and lists of content by what it was at the event, as things become known later."""

import datetime

from tests.dbt.helpers import Company, at, day, event

MODELS = ("+content_ranking", "+content_drop_off", "+content_progress", "+active_creators")

CONTENT = {"content_id": "c_1", "op": "upsert", "content_type": "book_audio", "duration_seconds": 100}
PROGRESS = """
    select month_start, starters, completers, reached_25, reached_50 from reporting.content_progress
    where kind = 'format'
"""
DROPPED = "select heard_percent, dropped_off from reporting.content_drop_off where kind = 'content'"
TOPICS = """
    select thing, people, starts, completions from reporting.content_ranking
    where kind = 'topic' and period = 'month' order by period_start, thing
"""


def test_a_login_a_late_start_and_a_change_of_topic(company: Company):
    """2 March 2026 is the first day. The visitor hears 30 of 100 seconds and jumps; the user completes with 10."""
    company.land(
        3,
        [
            event("e1", at(1), None, "content_start", anonymous_id="v_1", content_id="c_1"),
            event(
                "e2",
                at(1, "12:01"),
                None,
                "content_progress",
                anonymous_id="v_1",
                content_id="c_1",
                duration_seconds=30,
            ),
            event(
                "e3", at(1, "12:02"), None, "content_seek", anonymous_id="v_1", content_id="c_1", duration_seconds=60
            ),
            event("e4", at(2), event="content_complete", content_id="c_1", duration_seconds=10),
        ],
        content=[{**CONTENT, "changed_at": "2026-01-01T00:00:00Z", "topic": "sleep"}],
    )
    company.land(4, [event("e5", at(3), anonymous_id="v_1")])
    company.land(
        5,
        [event("e6", at(-2), event="content_start", content_id="c_1")],  # 27 February
        content=[{**CONTENT, "changed_at": at(2, "00:00"), "topic": "dreams"}],
    )
    company.build(3)
    assert company.query(PROGRESS) == [(day(0), 1, 0, 1, 0)]
    assert company.query(DROPPED) == [(30, 1)]
    assert company.query(TOPICS) == [("sleep", 1, 1, 1)]
    company.build(4)  # now the two are one person
    assert company.query(PROGRESS) == [(day(0), 1, 1, 1, 0)]
    assert company.query(DROPPED) == [(40, 0)]
    company.build(5)
    assert company.query(PROGRESS) == [(datetime.date(2026, 2, 1), 1, 1, 1, 0)]
    assert company.query(TOPICS) == [("sleep", 1, 1, 0), ("dreams", 0, 0, 1), ("sleep", 1, 1, 0)]
    assert company.differences() == {}
