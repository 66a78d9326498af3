"""History that is rewritten: facts keep the version valid at event time, sessions merge and split."""

from tests.dbt.helpers import at, event, user

MODELS = ("+mart_engagement",)

COUNTRIES = """
    select event_id, dim_user.country
    from core.fact_user_events inner join core.dim_user using (user_key)
    order by event_id
"""
SESSIONS = "select person_id, started_at::text, events from core.fact_sessions order by person_id, started_at"


def test_late_user_change_rewrites_history(company):
    company.land(
        1,
        [event("e1", at(1, "08:00")), event("e2", at(1, "20:00"))],
        users=[user("u_1", "2026-01-01T00:00:00Z", "FR")],
    )
    company.land(2, [event("e3", at(2))], users=[user("u_1", at(2, "06:00"), "CH")])
    company.build(1, 2)
    company.land(3, users=[user("u_1", at(1, "12:00"), "DE")])
    company.build(3)
    assert company.query(COUNTRIES) == [("e1", "FR"), ("e2", "DE"), ("e3", "CH")]
    assert company.query("select dach_active_users_30d from marts.mart_engagement order by activity_date") == [
        (1,),
        (1,),
    ]
    assert company.differences() == {}


def test_first_version_moves_back_when_an_earlier_record_arrives(company):
    company.select("+fact_user_events")
    company.land(1, [event("e1", at(1))], users=[user("u_1", at(1, "18:00"), "FR")])
    company.land(2, users=[user("u_1", at(1, "06:00"), "DE")])
    company.build(1)
    assert company.query(COUNTRIES) == [("e1", "FR")]
    company.build(2)
    assert company.query(COUNTRIES) == [("e1", "DE")]
    company.land(2)
    company.build(2)
    assert company.query(COUNTRIES) == [("e1", "FR")]
    assert company.differences() == {}


def test_user_deleted_and_back(company):
    company.select("+fact_user_events", "+dim_user_personal")
    company.land(
        1, [event("e1", at(1, "08:00"))], users=[user("u_1", "2026-01-01T00:00:00Z", "DE", email="a@example.org")]
    )
    company.land(2, [event("e2", at(2, "08:00"))], users=[user("u_1", at(2, "06:00"), op="delete")])
    company.land(3, [event("e3", at(3, "08:00"))], users=[user("u_1", at(3, "06:00"), "AT", email="b@example.org")])
    company.build(1, 3)
    company.build(2)
    assert company.query(COUNTRIES) == [("e1", "DE"), ("e2", None), ("e3", "AT")]
    assert company.query("select user_key from core.fact_user_events where event_id = 'e2'") == [(-1,)]
    assert company.query("select email from restricted.dim_user_personal") == [("b@example.org",)]
    company.land(3)
    company.build(3)
    assert company.query("select count(*) from restricted.dim_user_personal") == [(0,)]
    assert company.differences() == {}


def test_record_that_hid_another_vanishes(company):
    """Of two records with the same time the first arrival counts; it changed nothing, so no version tells of it."""
    company.select("+fact_user_events")
    company.land(1, [event("e1", at(1))], users=[user("u_1", "2026-01-01T00:00:00Z", "DE")])
    company.land(2, users=[user("u_1", at(1, "06:00"), "DE")])
    company.land(3, users=[user("u_1", at(1, "06:00"), "FR")])
    company.build(1, 2, 3)
    assert company.query(COUNTRIES) == [("e1", "DE")]
    company.land(2)
    company.build(2)
    assert company.query(COUNTRIES) == [("e1", "FR")]
    assert company.differences() == {}


def test_late_event_merges_two_sessions_across_midnight(company):
    company.select("+fact_sessions")
    company.land(1, [event("e1", at(1, "23:40"))])
    company.land(2, [event("e2", at(2, "00:20")), event("e9", at(2, "09:00"))])
    company.land(3, [event("e3", at(2, "00:00"))])
    company.build(1, 2)
    apart = [
        ("user:u_1", "2026-03-02 23:40:00+00", 1),
        ("user:u_1", "2026-03-03 00:20:00+00", 1),
        ("user:u_1", "2026-03-03 09:00:00+00", 1),
    ]
    assert company.query(SESSIONS) == apart
    company.build(3)
    assert company.query(SESSIONS) == [
        ("user:u_1", "2026-03-02 23:40:00+00", 3),
        ("user:u_1", "2026-03-03 09:00:00+00", 1),
    ]
    company.land(3)
    company.build(3)
    assert company.query(SESSIONS) == apart
    assert company.differences() == {}


def test_late_event_before_a_long_island_moves_all_its_cuts(company):
    """An event every 25 minutes for two days; one that comes before them shifts where every 24 hours end."""
    company.select("+fact_sessions")
    long = [event(f"e{number:03}", f"2026-03-{2 + minute // 1440:02}T{minute % 1440 // 60:02}:{minute % 60:02}:00Z")
            for number, minute in enumerate(range(60, 2820, 25))]  # fmt: skip
    company.land(3, long)
    company.build(3)
    starts = "select started_at::text from core.fact_sessions order by 1"
    assert company.query(starts) == [("2026-03-02 01:00:00+00",), ("2026-03-03 01:10:00+00",)]
    company.land(4, [event("first", at(1, "00:35"))])
    company.build(4)
    assert company.query(starts) == [("2026-03-02 00:35:00+00",), ("2026-03-03 00:45:00+00",)]
    assert company.differences() == {}


def test_next_activity_beyond_the_window(company):
    """29, 30 and 31 days between two active days; then the later day vanishes."""
    for gap, name in ((29, "u_a"), (30, "u_b"), (31, "u_c")):
        company.land(gap, [event(f"first {name}", at(1), name), event(f"then {name}", at(1 + gap), name)])
    company.build(29, 30, 31)
    days = (
        "select person_id, days_to_next[1] from summaries.fact_active_days"
        " where active_date = '2026-03-02' and streams[1] = 'all' order by 1"
    )
    assert company.query(days) == [("user:u_a", 29), ("user:u_b", 30), ("user:u_c", 30)]
    mau = "select mau from marts.mart_engagement where activity_date = '2026-03-02'::date + {} "
    # A window of 30 days that ends on day 30 (29 days later) still has all three; a day later the first day is out.
    assert [company.query(mau.format(later)) for later in (0, 29, 30, 31)] == [[(3,)], [(3,)], [(2,)], [(3,)]]
    company.land(29, [event("first u_a", at(1), "u_a")])
    company.build(29)
    assert company.query(days) == [("user:u_a", 30), ("user:u_b", 30), ("user:u_c", 30)]
    assert company.differences() == {}
