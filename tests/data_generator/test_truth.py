"""The manifest's truth is what an analyst finds once everything has arrived."""

from collections import defaultdict
from decimal import Decimal

LEARNING = {"content_start", "content_progress", "content_complete"}
SENT_BY_A_SERVER = {"refund", "subscription_renew", "subscription_expire", "push_receive"}


def test_truth_equals_the_events_by_their_date(landed):
    by_date = defaultdict(list)
    for event in landed.events:
        by_date[event["at"].date()].append(event)
    complete = landed.dates[:-30]  # the last month may have late events on their way
    for day in complete:
        events, truth = by_date[day], landed.manifests[day]["truth"]
        actors = [(event["type"], event.get("user_id") or event["anonymous_id"]) for event in events]
        assert truth["events"] == len(events), day
        assert truth["actors"] == len({actor for kind, actor in actors if kind not in SENT_BY_A_SERVER}), day
        active = [event for event in events if event["type"] not in SENT_BY_A_SERVER]
        assert truth["users"] == len({event["user_id"] for event in active if "user_id" in event}), day
        assert truth["learners"] == len({actor for kind, actor in actors if kind in LEARNING}), day
        for name, kind in (
            ("content_completions", "content_complete"),
            ("sign_ups", "sign_up"),
            ("purchases", "purchase"),
            ("refunds", "refund"),
        ):
            assert truth[name] == sum(event["type"] == kind for event in events), (day, name)
        assert truth["shop_revenue"] == _revenue(events, {"purchase"}), day
        assert truth["subscription_revenue"] == _revenue(events, {"subscription_start", "subscription_renew"}), day


def _revenue(events: list[dict], kinds: set[str]) -> dict[str, str]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for event in events:
        if event["type"] in kinds:
            sums[event["currency"]] += Decimal(str(event["amount"]))
    return {currency: f"{total:.2f}" for currency, total in sums.items()}
