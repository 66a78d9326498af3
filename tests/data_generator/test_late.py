"""Events that arrive after their day: once, within 30 days, and missing on the day itself."""

from collections import Counter
from datetime import timedelta


def test_late_events_arrive_within_thirty_days(landed):
    lags = Counter((event["landed"] - event["at"].date()).days for event in landed.events)
    assert min(lags) >= 0
    assert max(lags) <= 30
    assert lags[0] > 50 * lags[1] > 0
    assert sum(count for lag, count in lags.items() if lag > 7) > 0


def test_an_event_is_delivered_once_unless_it_is_counted_as_a_duplicate(landed):
    arrivals = Counter(event["event_id"] for event in landed.arrivals)
    again = sum(count - 1 for count in arrivals.values())
    counted = sum(manifest["totals"]["mess"].get("duplicate_other_day", 0) for manifest in landed.manifests.values())
    assert again == counted > 0


def test_a_repeated_event_is_the_same_line(landed):
    lines: dict[str, str] = {}
    for event in landed.arrivals:
        assert lines.setdefault(event["event_id"], event["raw"]) == event["raw"]


def test_sessions_cross_midnight_without_being_late(landed):
    after_midnight = [
        event for event in landed.events if event["at"].hour == 0 and event["at"].minute < 10 and "user_id" in event
    ]
    before = {
        (event["user_id"], event["at"].date())
        for event in landed.events
        if event["at"].hour == 23 and "user_id" in event
    }
    crossing = [
        event for event in after_midnight if (event["user_id"], event["at"].date() - timedelta(days=1)) in before
    ]
    assert any(event["landed"] == event["at"].date() for event in crossing)
