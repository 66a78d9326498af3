"""The company behaves like one: people, not noise."""

from collections import Counter, defaultdict
from datetime import date, timedelta

import numpy as np
import pytest

from data_generator.company import DAY, NEVER, Company
from data_generator.lives import Users
from data_generator.vocabulary import CAMPAIGNS
from tests.data_generator.conftest import START

SENT_BY_A_SERVER = {"refund", "subscription_renew", "subscription_expire", "push_receive"}


@pytest.fixture(scope="module")
def users() -> Users:
    """A larger company, for shares."""
    return Users(Company(seed=11, scale=40.0, start=START), 120)


@pytest.fixture(scope="module")
def states(landed) -> dict[str, list[dict]]:
    """The change records of each user, in the order of time."""
    result = defaultdict(list)
    for row in landed.changes("users.csv"):
        result[row["user_id"]].append(row)
    return {user: sorted(rows, key=lambda row: row["changed_at"]) for user, rows in result.items()}


def active(users: Users, who: np.ndarray, day: np.ndarray) -> np.ndarray:
    chance = users.chance_of_visit(who, day)
    return users.streams.uniform("visit", who, day) < chance


def test_retention_falls_fast_and_then_slowly(users):
    cohort = np.flatnonzero((users.signup_day >= 0) & (users.signup_day < 28))
    kept = {age: active(users, cohort, users.signup_day[cohort] + age).mean() for age in (1, 7, 30, 60, 90)}
    assert 0.25 < kept[1] < 0.5
    assert 0.15 < kept[7] < 0.35
    assert 0.07 < kept[30] < 0.22
    assert kept[1] > kept[7] > kept[30] > kept[60] > kept[90] > 0.03
    assert kept[1] - kept[7] > kept[30] - kept[60] > 0


def test_most_users_are_in_dach(users):
    codes = users.country_at(users.number, 0)
    assert 0.55 < (codes < 3).mean() < 0.68


def test_paywall_variant_b_converts_better(users):
    tried = np.flatnonzero(users.trial < NEVER)
    rate = [(users.spells.start[tried[users.variant[tried, 0] == variant], 0] < NEVER).mean() for variant in (0, 1)]
    assert 1.15 < rate[1] / rate[0] < 1.6


def test_some_subscribers_leave_and_some_come_back(users):
    first, second = users.spells.start[:, 0] < NEVER, users.spells.start[:, 1] < NEVER
    assert 0.05 < first.mean() < 0.3
    assert 0.1 < second.sum() / first.sum() < 0.3
    assert (users.spells.end[second, 0] < users.spells.start[second, 1]).all()


def test_some_users_delete_their_account_and_some_return(users):
    deleted = users.deleted < NEVER
    returned = users.returned < NEVER
    assert 0.03 < deleted.mean() < 0.1
    assert 0.1 < returned.sum() / deleted.sum() < 0.4
    assert (users.returned[returned] > users.deleted[returned]).all()


def test_growth_saturates():
    company = Company(seed=1, scale=1.0, start=START)
    first_year, tenth_year = (company.users_by(day) - company.users_by(day - 365) for day in (364, 3650))
    assert first_year * 1.2 < tenth_year < first_year * 4


def test_the_week_has_a_shape(landed):
    by_day: dict[date, set] = defaultdict(set)
    for event in landed.events:
        if event.get("user_id"):
            by_day[event["at"].date()].add(event["user_id"])
    full_weeks = [day for day in landed.dates if day >= landed.start + timedelta(days=7)]
    mean = [np.mean([len(by_day[day]) for day in full_weeks if day.weekday() == weekday]) for weekday in range(7)]
    assert mean[6] > mean[4]  # the weekend's readers against the tired Friday
    assert max(mean) < 2 * min(mean)


def test_nights_are_quiet(landed):
    hours = Counter(event["at"].hour for event in landed.events)
    assert max(hours.values()) > 4 * min(hours.values())
    assert min(hours, key=hours.get) in range(0, 6)


def test_sessions_last_minutes_and_lie_apart(landed):
    moments = defaultdict(list)
    for event in landed.events:
        if event.get("user_id") and event["type"] not in SENT_BY_A_SERVER | {"subscription_cancel"}:
            moments[event["user_id"]].append(event["at"])
    lengths = []
    for times in moments.values():
        times.sort()
        begin = 0
        for number in range(1, len(times) + 1):
            if number == len(times) or times[number] - times[number - 1] > timedelta(minutes=30):
                lengths.append((times[number - 1] - times[begin]).total_seconds() / 60)
                begin = number
    assert 5 < np.mean(lengths) < 40
    assert np.max(lengths) < 240


def test_learning_seconds_fit_between_the_events(landed):
    """A duration is the time since the learning event before it."""
    before: dict[tuple, float] = {}
    checked = 0
    for event in sorted(landed.events, key=lambda event: event["at"]):
        if not event["type"].startswith("content_") or event["type"] in {"content_view", "content_seek"}:
            continue
        key = event.get("user_id"), event.get("content_id")
        if "duration_seconds" in event and key in before:
            since = event["at"].timestamp() - before[key]
            checked += event["duration_seconds"] <= since + 1
        before[key] = event["at"].timestamp()
    progress = sum("duration_seconds" in event for event in landed.events)
    assert checked > 0.97 * progress  # the others lost the event before to quarantine


def test_strangers_become_users_with_both_ids(landed):
    seen: dict[str, set] = defaultdict(set)
    linked = 0
    for event in sorted(landed.events, key=lambda event: event["at"]):
        if event["type"] == "sign_up":
            assert event["user_id"]
            linked += "page_view" in seen[event["anonymous_id"]]
        elif "user_id" not in event:
            seen[event["anonymous_id"]].add(event["type"])
    sign_ups = sum(event["type"] == "sign_up" for event in landed.events)
    assert linked > 0.9 * sign_ups > 0


def test_browsers_are_shared_phones_are_second_devices_and_users_log_out(landed):
    users: dict[str, set] = defaultdict(set)
    devices: dict[str, set] = defaultdict(set)
    logged_out = 0
    for event in sorted(landed.events, key=lambda event: event["at"]):
        visitor, user = event.get("anonymous_id"), event.get("user_id")
        if visitor and user:
            users[visitor].add(user)
            devices[user].add(visitor)
        elif visitor:
            logged_out += visitor in users
    assert sum(len(who) == 2 for who in users.values()) > 3
    assert sum(len(which) == 2 for which in devices.values()) > 3
    assert logged_out > 10


def test_users_act_only_after_signing_up_and_never_while_deleted(landed, states):
    for event in landed.events:
        user = event.get("user_id")
        if user is None or event["type"] == "subscription_expire":
            continue
        past = [row for row in states[user] if row["changed_at"][:19] <= event["ts"][:19]]
        assert past, event
        assert past[-1]["op"] == "upsert", event


def test_plan_changes_come_with_their_events(landed, states):
    expected = {"trial_start": {"trial"}, "subscription_start": {"monthly", "annual"}, "subscription_expire": {"free"}}
    checked = Counter()
    for event in landed.events:
        if event["type"] not in expected:
            continue
        moment = f"{event['at']:%Y-%m-%dT%H:%M:%SZ}"
        [row] = [row for row in states[event["user_id"]] if row["changed_at"] == moment]
        assert row["plan"] in expected[event["type"]]
        if event["type"] == "subscription_start":
            assert row["plan"] == event["properties"]["plan"]
        checked[event["type"]] += 1
    assert set(checked) == set(expected)


def test_plans_change_only_with_an_event_or_the_end_of_a_trial(landed, states):
    moments = defaultdict(set)
    for event in landed.events:
        if event["type"] in {"trial_start", "subscription_start", "subscription_expire"}:
            moments[event["user_id"]].add(f"{event['at']:%Y-%m-%dT%H:%M:%SZ}")
    for user, rows in states.items():
        kept = [row for row in rows if row["op"] == "upsert"]
        for before, after in zip(kept, kept[1:], strict=False):
            if before["plan"] != after["plan"] and (before["plan"], after["plan"]) != ("trial", "free"):
                assert after["changed_at"] in moments[user], (before, after)


def test_subscribers_pay_each_period_in_their_currency(landed, states):
    currency = {"CH": "CHF", "GB": "GBP", "US": "USD"}
    for event in landed.events:
        if event["type"] in {"subscription_start", "subscription_renew"}:
            state = [row for row in states[event["user_id"]] if row["changed_at"][:19] <= event["ts"][:19]][-1]
            assert event["currency"] == currency.get(state["country"].upper(), "EUR")
            assert event["amount"] > (50 if state["plan"] == "annual" else 5)


def test_purchases_cost_what_the_product_costs(landed):
    prices = defaultdict(list)
    for row in landed.changes("products.csv"):
        if row["op"] == "upsert":
            prices[row["product_id"]].append((row["changed_at"], float(row["price"])))
    purchases = [event for event in landed.events if event["type"] == "purchase"]
    for event in purchases:
        price = [price for since, price in sorted(prices[event["product_id"]]) if since[:19] <= event["ts"][:19]][-1]
        assert event["amount"] == round(price * event["quantity"], 2)
    assert {event["quantity"] for event in purchases} == {1, 2, 3}
    orders = defaultdict(list)
    for event in purchases:
        orders[event["order_id"]].append(event)
    assert {len(lines) for lines in orders.values()} == {1, 2}
    for lines in orders.values():
        assert len({line["user_id"] for line in lines}) == 1
        assert len({line["product_id"] for line in lines}) == len(lines)
    bought = {_bought(event) for event in purchases}
    refunds = [event for event in landed.events if event["type"] == "refund"]
    late_enough = [event for event in refunds if event["at"].date() > landed.start + timedelta(days=14)]
    assert late_enough
    returned = [_bought(event) in bought for event in late_enough]
    assert np.mean(returned) > 0.9  # a purchase may have been quarantined, or still be on its way


def _bought(event: dict) -> tuple:
    return tuple(event[name] for name in ("order_id", "user_id", "product_id", "quantity", "amount"))


def test_a_subscription_is_cancelled_before_it_expires(landed):
    cancelled = defaultdict(list)
    for event in landed.events:
        if event["type"] == "subscription_cancel":
            cancelled[event["user_id"]].append(event["at"])
    expired = [
        event
        for event in landed.events
        if event["type"] == "subscription_expire" and event["at"].date() > landed.start + timedelta(days=31)
    ]
    monthly = [event for event in expired if event["properties"]["plan"] == "monthly"]
    assert monthly
    for event in monthly:
        assert any(event["at"] - timedelta(days=30) <= at < event["at"] for at in cancelled[event["user_id"]]), event


def test_events_say_where_and_how(landed):
    """People are at home, a session of the app is one stretch of one client, and campaigns lead to first pages."""
    sessions = defaultdict(list)
    for event in landed.events:
        if event["type"] not in SENT_BY_A_SERVER and "session_id" in event:
            sessions[event["session_id"]].append(event)
            assert event["country"] and event["language"] and event["device_type"] and event["os"]
        assert ("browser" in event) == (event["platform"].lower() == "web")
        assert ("page_path" in event) == (event["type"] == "page_view")
        if {"referrer", "utm_source"} & event.keys():
            assert event["type"] == "page_view"
    assert len(sessions) > 1000
    for events in sessions.values():
        assert len({event.get("user_agent") or event["app_version"] for event in events}) == 1
        assert max(event["at"] for event in events) - min(event["at"] for event in events) < timedelta(hours=4)
    found = {
        event.get("utm_source") or event.get("referrer") for event in landed.events if event["type"] == "page_view"
    }
    assert len(found) == len(CAMPAIGNS)
    assert {event["device_type"] for event in landed.events} == {"desktop", "mobile", "tablet"}


def test_custom_events_are_told_by_the_apps_names(landed):
    told = Counter(event["type"] for event in landed.events)
    assert min(told[name] for name in ("bookmark_add", "quiz_answer", "push_receive")) > 0


def test_the_shop_is_a_funnel(landed):
    steps = Counter(event["type"] for event in landed.events if event.get("user_id"))
    funnel = [steps[step] for step in ("product_view", "cart_add", "checkout_start", "purchase", "refund")]
    assert funnel == sorted(funnel, reverse=True)
    assert funnel[-2] > 0


def test_the_first_day_lands_everything_that_exists(landed):
    first = landed.read[landed.start]
    for name in ("users", "products", "content", "creators"):
        rows = first[f"{name}.csv"].loaded
        key = next(iter(rows[0]))
        old = [row for row in rows if row["changed_at"] < landed.start.isoformat()]
        assert len({row[key] for row in old}) == len(old) > 20
    later = landed.read[landed.dates[10]]
    assert 0 < later["users.csv"].lines < first["users.csv"].lines / 10


def test_events_refer_to_things_that_are_known(landed):
    known = {
        key: {row[key] for row in landed.changes(name) if row["op"] == "upsert"}
        for key, name in (("user_id", "users.csv"), ("content_id", "content.csv"), ("product_id", "products.csv"))
    }
    for event in landed.events:
        for key, things in known.items():
            assert event.get(key) is None or event[key] in things, event


def test_deleted_content_and_products_are_left_alone(landed):
    deleted = {
        row[key]: row["changed_at"]
        for key, name in (("content_id", "content.csv"), ("product_id", "products.csv"))
        for row in landed.changes(name)
        if row["op"] == "delete"
    }
    assert deleted
    for event in landed.events:
        if event["type"] != "refund":
            for thing in (event.get("content_id"), event.get("product_id")):
                assert event["ts"] < deleted.get(thing, "9")


def test_moments_fit_into_their_type(users):
    """int32 seconds: nothing wraps around."""
    for column in (*users.timeline.changes.T, users.deleted, users.returned):
        assert column.min() > -3 * 365 * DAY
    assert (users.spells.start <= users.spells.end).all()
