"""Sessions of a source whose own session ids make them, beside those that end after idle minutes."""

from tests.dbt.helpers import Company, at, event

MODELS = ("+mart_engagement",)

SESSIONS = """
    select person_id, producer_session_id, to_char(started_at at time zone 'UTC', 'DD HH24:MI'), events
    from core.fact_sessions
    order by person_id, producer_session_id, started_at
"""


def visit(event_id: str, ts: str, session: str | None = "s_1", user: str | None = "ann", **fields) -> dict:
    return event(event_id, ts, user, **({"session_id": session} if session else {}), **fields)


def test_the_ids_of_one_source_only_make_sessions(company: Company):
    """The app's ids are kept, but 31 idle minutes end its sessions; the site's events without an id join them."""
    company.land(1, [event("e1", at(1), "ann", session_id="s_1"), event("e2", at(1, "12:31"), "ann", session_id="s_1")])
    company.land_from(
        "site",
        1,
        [
            visit("w1", at(1), "s_1"),
            visit("w2", at(1, "18:00"), "s_1"),  # six hours later, and still one session
            visit("w3", at(1, "12:10"), None),  # joins what the app tells of: at most 30 minutes from both
            visit("w4", at(1, "12:05"), "s_1", "bob"),
        ],
    )
    company.build(1, tests=True)
    assert company.query(SESSIONS) == [
        ("user:ann", "", "02 12:00", 3),
        ("user:ann", "s_1", "02 12:00", 2),
        ("user:bob", "s_1", "02 12:05", 1),
    ]
    assert company.query("select sessions from marts.mart_engagement") == [(3,)]
    assert company.query(
        "select sessions, session_seconds::integer from summaries.fact_user_daily order by person_id"
    ) == [
        (2, 31 * 60 + 6 * 3600),
        (1, 0),
    ]


def test_late_events_of_a_producers_session(company: Company):
    """s_1: 12:00, 11:00 and 10:00 on three days make one island, which an event at 10:00 on the first day cuts anew.

    A week later the id begins again. A login makes the visitor's session the user's, and joins it with the user's own.
    """
    days = {
        1: [visit("a", at(1)), visit("v", at(1), "s_2", None, anonymous_id="v")],
        3: [visit("b", at(2, "11:00")), visit("c", at(3, "10:00")), visit("own", at(2, "11:00"), "s_2")],
        10: [
            visit("late", at(1, "10:00")),
            visit("again", at(10, "09:00")),
            visit("login", at(1, "15:00"), "s_2", anonymous_id="v"),
        ],
    }
    for number, events in days.items():
        company.land_from("site", number, events)
        company.land(number)
    company.build(3)
    company.build(1)
    before = [
        ("user:ann", "s_1", "02 12:00", 2),
        ("user:ann", "s_1", "04 10:00", 1),  # 46 hours after the first
        ("user:ann", "s_2", "03 11:00", 1),
        ("visitor:v", "s_2", "02 12:00", 1),
    ]
    assert company.query(SESSIONS) == before
    company.build(10)
    assert company.query(SESSIONS) == [
        ("user:ann", "s_1", "02 10:00", 2),
        ("user:ann", "s_1", "03 11:00", 1),
        ("user:ann", "s_1", "04 10:00", 1),
        ("user:ann", "s_1", "11 09:00", 1),
        ("user:ann", "s_2", "02 12:00", 3),
    ]
    assert company.differences() == {}
    company.land_from("site", 10, [])
    company.build(10)
    assert company.query(SESSIONS) == before
    assert company.differences() == {}
