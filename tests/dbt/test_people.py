"""Whose an event is: the user's, else that of the user seen next or last with the visitor id, else the visitor's."""

import random

from tests.dbt.helpers import Company, at, event, user

MODELS = ("+mart_engagement",)

OWNERS = "select event_id, person_id from core.fact_user_events order by event_id"


def visit(event_id: str, ts: str, visitor: str, user_id: str | None = None, **fields) -> dict:
    return event(event_id, ts, user_id, anonymous_id=visitor, **fields)


def test_a_visitor_and_a_user_with_the_same_id_never_meet(company: Company):
    company.land(1, [event("e1", at(1), "18"), visit("e2", at(1), "18")])
    company.build(1)
    assert company.query(OWNERS) == [("e1", "user:18"), ("e2", "visitor:18")]
    assert company.query("select dau from marts.mart_engagement") == [(2,)]


def test_next_user_else_last_else_the_visitor(company: Company):
    company.select("+fact_user_events")
    company.land(
        1,
        [
            visit("a before", at(1, "08:00"), "v"),
            visit("b login", at(1, "09:00"), "v", "ann"),
            visit("c between", at(1, "10:00"), "v"),
            visit("d bob", at(1, "11:00"), "v", "bob"),
            visit("e same time", at(1, "11:00"), "v"),
            visit("f after", at(1, "12:00"), "v"),
            visit("g nobody", at(1, "12:00"), "w"),
            visit("h bot", at(1, "13:00"), "w", "eve", user_agent="Googlebot/2.1"),
        ],
    )
    company.build(1)
    assert company.query(OWNERS) == [
        ("a before", "user:ann"),
        ("b login", "user:ann"),
        ("c between", "user:bob"),  # the next one: who logs out leaves the device to whoever comes
        ("d bob", "user:bob"),
        ("e same time", "user:bob"),
        ("f after", "user:bob"),
        ("g nobody", "visitor:w"),
        ("h bot", "user:eve"),  # a bot links nobody
    ]
    assert company.query("select anonymous_id, user_id from intake.identity_spans order by after_ts") == [
        ("v", "ann"),
        ("v", "bob"),
    ]


def test_a_late_login_rewrites_whose_the_earlier_events_were(company: Company):
    company.land(
        1,
        [visit("e1", at(1), "v"), visit("e2", at(1, "12:10"), "v"), event("e3", at(1), "ann")],
        users=[user("ann", "2026-01-01T00:00:00Z", "AT")],
    )
    company.build(1)
    assert company.query("select dau, dach_active_users_30d from marts.mart_engagement") == [(2, 1)]
    company.land(3, [visit("e4", at(3), "v", "ann")])
    company.build(3)
    assert company.query(OWNERS) == [(f"e{number}", "user:ann") for number in range(1, 5)]
    assert company.query("select dau from marts.mart_engagement order by activity_date") == [(1,), (0,), (1,)]
    assert company.query("select person_id, events from core.fact_sessions order by started_at") == [
        ("user:ann", 3),
        ("user:ann", 1),
    ]
    # The country of the user at the time of the event, for what the visitor did, too.
    assert company.query("select count(*) from core.fact_user_events where user_key = -1") == [(0,)]
    # An earlier login that arrives later takes what came before it; the day's events go back and forth.
    company.land(4, [visit("e5", at(1, "12:05"), "v", "bob")])
    company.build(4)
    assert dict(company.query(OWNERS))["e1"] == "user:bob" and dict(company.query(OWNERS))["e2"] == "user:ann"
    assert company.differences() == {}
    company.land(4)
    company.build(4)
    assert dict(company.query(OWNERS))["e1"] == "user:ann"
    company.land(3)
    company.build(3)
    assert company.query(OWNERS) == [("e1", "visitor:v"), ("e2", "visitor:v"), ("e3", "user:ann")]
    assert company.differences() == {}


def test_a_login_counts_at_its_first_arrival_only(company: Company):
    company.select("+fact_user_events")
    company.land(1, [visit("e1", at(1), "v"), visit("login", at(1, "13:00"), "v", "ann")])
    company.land(2, [visit("login", at(1, "13:00"), "v", "bob")])
    company.build(2)
    company.build(1)
    assert company.query(OWNERS) == [("e1", "user:ann"), ("login", "user:ann")]
    company.land(1, [visit("e1", at(1), "v")])
    company.build(1)
    assert company.query(OWNERS) == [("e1", "user:bob"), ("login", "user:bob")]
    assert company.differences() == {}


def test_a_build_that_died_after_the_spans_is_made_good(company: Company):
    company.select("+fact_user_events")
    company.land(1, [visit("e1", at(1), "v")])
    company.land(2, [visit("e2", at(2), "v", "ann")])
    company.build(1)
    company.build(2, until="identity_spans")
    company.land(2, [visit("e3", at(2), "w", "ann")])
    company.build(2)
    assert company.query(OWNERS) == [("e1", "visitor:v"), ("e3", "user:ann")]
    assert company.differences() == {}


def naive(events: list[dict]) -> dict[str, str]:
    """The definition, event by event, over all that was ever seen."""
    owners = {}
    for one in events:
        seen = sorted(
            (other["ts"], other["user_id"])
            for other in events
            if "user_id" in other and other["anonymous_id"] == one["anonymous_id"] and "user_agent" not in other
        )
        following = [user_id for ts, user_id in seen if ts >= one["ts"]]
        last = [user_id for ts, user_id in seen if ts == seen[-1][0]]
        person = one.get("user_id") or (following or last or [None])[0]
        owners[one["event_id"]] = f"user:{person}" if person else f"visitor:{one['anonymous_id']}"
    return owners


def test_the_same_by_a_second_computation(company: Company):
    """Shared devices, log-outs and bots at random, in days that arrive in any order and again."""
    company.select("+fact_user_events")
    dice = random.Random(7)
    days: dict[int, list[dict]] = {number: [] for number in range(1, 7)}
    for number in range(240):
        agent = {"user_agent": "Googlebot/2.1"} if dice.random() < 0.05 else {}
        made = visit(
            f"e{number:03}",
            at(dice.randint(1, 6), f"{dice.randint(0, 23):02}:{dice.choice((0, 30)):02}"),
            dice.choice("vwxyz"),
            dice.choice((None, None, "ann", "bob", "cid")),
            **agent,
        )
        days[dice.randint(int(made["ts"][9]) - 1, 6)].append(made)  # late, never early: the first day is the 2nd
    for number, events in days.items():
        company.land(number, events)
    for number in dice.sample(range(1, 7), 6):
        company.build(number)
    company.land(3, days[3][::2])
    company.build(3)
    days[3] = days[3][::2]
    assert dict(company.query(OWNERS)) == naive([one for events in days.values() for one in events])
    assert company.differences() == {}
