"""What an event means reaches the numbers: who was active, in which country, and what custom events carry."""

from tests.dbt.helpers import Company, at, day, event, user

MODELS = ("+mart_engagement", "+fact_user_weekly_summary")


def test_what_a_server_sends_makes_nobody_active(company: Company):
    """Ann did something on the first day only; the renewal and the push of the next days are not hers."""
    company.land(1, [event("e1", at(1), "ann", "quiz_answer")], users=[user("ann", "2026-01-01T00:00:00Z")])
    company.land(
        2, [event("e2", at(2), "ann", "subscription_renew"), event("e3", at(2, "13:00"), "ann", "push_receive")]
    )
    company.land(3, [event("e4", at(3), "ann", "refund", amount=3, currency="EUR"), event("e5", at(3), "bob", "LIKE")])
    for number in (3, 1, 2):
        company.build(number, tests=number == 2)
    assert company.query(
        "select event_id, event_name, event_type, is_activity from core.fact_user_events order by 1"
    ) == [
        ("e1", "quiz_answer", "custom", True),
        ("e2", "subscription_renew", "subscription_renew", False),
        ("e3", "push_receive", "custom", False),
        ("e4", "refund", "refund", False),
        ("e5", "like", "like", True),
    ]
    assert company.query("select activity_date::text, dau, wau, sessions from marts.mart_engagement order by 1") == [
        ("2026-03-02", 1, 1, 1),
        ("2026-03-03", 0, 1, 0),
        ("2026-03-04", 1, 2, 1),
    ]
    assert company.query(
        "select person_id, active_days, events from summaries.fact_user_weekly_summary order by 1"
    ) == [
        ("user:ann", 1, 1),
        ("user:bob", 1, 1),
    ]
    assert company.differences() == {}


def test_an_event_that_is_no_activity_any_more(company: Company):
    """The first arrival counts: when it goes, the next one says whether it was activity."""
    company.select("+fact_sessions")
    company.land(1, [event("e1", at(1), "ann", "like")])
    company.land(2, [event("e1", at(1), "ann", "push_receive"), event("e2", at(1, "12:10"), "ann", "like")])
    company.build(1)
    company.build(2)
    company.land(1)
    company.build(1)
    assert company.query("select started_at::time::text, events from core.fact_sessions") == [("12:10:00", 1)]
    assert company.differences() == {}


def test_the_country_is_where_the_user_lived_else_where_it_happened(company: Company):
    company.select("+fact_user_daily", "+fact_active_day_counts")
    company.land(
        1,
        [
            event("e1", at(1), "ann", country="FR"),  # lives in Germany
            event("e2", at(1), "bob", country="at"),  # of whom nothing is known
            event("e3", at(1), None, anonymous_id="a_1", country="CH"),
            event("e4", at(1), None, anonymous_id="a_2", country="US"),
            event("e5", at(1), None, anonymous_id="a_3"),
        ],
        users=[user("ann", "2026-01-01T00:00:00Z", "DE")],
    )
    company.build(1)
    assert company.query("select person_id, country from summaries.fact_user_daily order by 1") == [
        ("user:ann", "DE"),
        ("user:bob", "AT"),
        ("visitor:a_1", "CH"),
        ("visitor:a_2", "US"),
        ("visitor:a_3", None),
    ]
    dach = "select active_date, people from summaries.fact_active_day_counts where stream like 'region%DACH'"
    assert company.query(dach) == [(day(1), 3)]
    company.land(2, users=[user("bob", "2026-01-01T00:00:00Z", "US")])
    company.build(2)
    assert company.query("select country from summaries.fact_user_daily where person_id = 'user:bob'") == [("US",)]
    assert company.differences() == {}


def test_all_that_an_event_carries_reaches_the_fact(company: Company):
    company.select("+fact_user_events")
    fields = {
        **{"country": "DE", "language": "de", "device_type": "mobile", "os": "iOS", "browser": "Safari"},
        **{"page_path": "/blog", "referrer": "https://example.org/", "utm_source": "news", "utm_medium": "email"},
        **{"utm_campaign": "spring", "session_id": "s_1", "order_id": "o_1", "quantity": 2},
    }
    company.land(1, [event("e1", at(1), **fields)])
    company.build(1)
    company.land(2, [event("e1", at(1), **fields)])  # arrives again: the columns go through event_repeats
    company.build(2)
    assert company.query(f"select {', '.join(fields)} from core.fact_user_events") == [tuple(fields.values())]
    assert company.differences() == {}
