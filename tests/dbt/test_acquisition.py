"""Channels over a table of pairs, and which touch a conversion is attributed to."""

from collections import Counter
from pathlib import Path

from tests.cases.models import project_with
from tests.dbt.helpers import Company, at, day, event
from tests.dbt.runner import Dbt

MODELS = ("+acquisition", "+acquisition_revenue")

# (source, medium, campaign, referrer): the channel by https://support.google.com/analytics/answer/9756891
CHANNELS = {
    (None, None, None, None): "Direct",
    ("(direct)", "(none)", None, None): "Direct",
    ("(direct)", "(not set)", "(not set)", None): "Direct",
    (" ", "", None, "$direct"): "Direct",
    ("google", "cpc", "Summer Cross-network", None): "Cross-network",
    ("amazon.de", "cpc", None, None): "Paid Shopping",
    ("newsletter", "paid", "shopping days", None): "Paid Shopping",
    ("Google", "CPC", "brand", "https://www.google.com/"): "Paid Search",
    ("duckduckgo.com", "retargeting", None, None): "Paid Search",
    ("fr.search.yahoo.com", "ppc", None, None): "Paid Search",
    ("instagram", "paid_social", None, None): "Paid Social",
    ("m.facebook.com", "cpm", None, None): "Paid Social",
    ("vimeo", "cpv cpc", None, None): "Paid Video",
    ("youtube.com", "banner", None, None): "Display",
    ("partner", "cpm", None, None): "Display",
    ("partner", "interstitial", None, None): "Display",
    ("partner", "ppc", None, None): "Paid Other",
    ("etsy", "referral", None, None): "Organic Shopping",
    ("partner", None, "spring-shop", None): "Organic Shopping",
    ("partner", "some", "my-eshop", None): "Organic Shopping",
    ("partner", "some", "workshop", None): "Unassigned",
    ("t.co", "referral", None, None): "Organic Social",
    ("partner", "social network", None, None): "Organic Social",
    (None, None, None, "https://l.instagram.com/?u=1"): "Organic Social",
    (None, None, None, "https://groups.google.com/g/x"): "Organic Social",
    ("partner", "video-ad", None, None): "Organic Video",
    (None, None, None, "https://m.youtube.com/watch"): "Organic Video",
    ("ecosia.org", None, None, None): "Organic Search",
    ("partner", "organic", None, None): "Organic Search",
    (None, None, None, "https://WWW.Google.co.uk:443/search?q=a"): "Organic Search",
    (None, None, None, "android-app://com.google.android.googlequicksearchbox"): "Organic Search",
    (None, None, None, "https://docs.google.com/d/1"): "Referral",
    (None, None, None, "https://en.wikipedia.org/wiki/A"): "Referral",
    ("partner", "link", None, None): "Referral",
    ("partner", "app", None, "https://www.google.com/"): "Referral",
    ("newsletter", "e-mail", None, None): "Email",
    ("E mail", None, None, None): "Email",
    ("partner", "affiliate", None, None): "Affiliates",
    ("podcast", "audio", "host_read", None): "Audio",
    (None, "SMS", None, None): "SMS",
    ("sms", "text", None, None): "SMS",
    ("app-push", "web-push", None, None): "Mobile Push Notifications",
    ("partner", "in-mobile", None, None): "Mobile Push Notifications",
    ("firebase", None, None, None): "Mobile Push Notifications",
    ("googlebooks", "other", None, None): "Unassigned",
    ("facebookish.test", "other", None, None): "Unassigned",
    (None, None, "spring", None): "Unassigned",
}


# What the macro alone tells apart: a producer that has classified the visit. In the marts nobody has said anything.
CLASSIFIED = {
    ("(direct)", "(none)", "cross-network", None): "Direct",
    ("(not set)", "(not set)", None, None): "Unassigned",
}
VIEW = {
    "channels": """
        select event_id, {{ channel_group('utm_source', 'utm_medium', 'utm_campaign', 'referrer') }} as channel
        from {{ ref('fact_user_events') }}
    """
}


def test_the_channel_of_every_pair(company: Company, tmp_path: Path):
    """Each in a session of its own, by the marts, where what has no touch is direct, and by the macro in a model."""
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project_with(VIEW, tmp_path / "project"))
    company.selected.append("+channels")
    fields = ("utm_source", "utm_medium", "utm_campaign", "referrer")
    company.land(
        1,
        [
            event(f"e{number}", at(1), None, anonymous_id=f"v_{number}", **dict(zip(fields, origin, strict=True)))
            for number, origin in enumerate(CHANNELS | CLASSIFIED)
        ],
    )
    company.build(1)
    found = dict(company.query("select event_id, channel from summaries.fact_acquisition_steps"))
    assert {origin: found.get(f"e{number}", "Direct") for number, origin in enumerate(CHANNELS)} == CHANNELS
    told = dict(company.query("select event_id, channel from reporting.channels"))
    both = CHANNELS | CLASSIFIED
    assert {origin: told[f"e{number}"] for number, origin in enumerate(both)} == both
    query = "select channel, people, sessions from reporting.acquisition where period = 'week' and slice = 'channel'"
    counts = Counter(found.get(f"e{number}", "Direct") for number in range(len(both)))
    assert set(company.query(query)) == {(channel, number, number) for channel, number in counts.items()}


def attributed(company: Company) -> dict[tuple, tuple]:
    rows = company.query("select event_id, model, channel, event_date from summaries.fact_conversions order by 1, 2")
    return {(event_id, model): (channel, date) for event_id, model, channel, date in rows}


def test_touches_that_become_known_later(company: Company):
    """u_1 signs up; a login makes another visitor's touch theirs, and an earlier touch arrives late.

    90 days after the touch of the 2nd day at noon are the 92nd day at noon.
    """
    company.land(
        3,
        [
            event("e1", at(1), None, anonymous_id="v_1", utm_source="letter", utm_medium="email", page_path="/a"),
            event("e2", at(2), None, anonymous_id="v_2", utm_source="google", utm_medium="cpc", page_path="/b"),
            event("e3", at(3), anonymous_id="v_1"),
            event("e4", at(3, "13:00"), event="sign_up"),
        ],
    )
    bought = {"event": "purchase", "product_id": "p_1", "amount": 5, "currency": "EUR"}
    company.land(4, [event("e5", at(4), anonymous_id="v_2")])
    company.land(5, [event("e6", at(1, "08:00"), None, anonymous_id="v_1", referrer="https://en.wikipedia.org/")])
    company.land(92, [event("e7", at(92), **bought), event("e8", at(92, "12:01"), **bought)])
    first, last = ("e4", "first_touch"), ("e4", "last_non_direct")
    company.build(3)
    assert attributed(company) == {first: ("Email", day(3)), last: ("Email", day(3))}
    company.build(4)
    assert attributed(company) == {first: ("Email", day(3)), last: ("Paid Search", day(3))}
    company.build(92)
    company.build(5)
    assert attributed(company) == {
        first: ("Referral", day(3)),
        last: ("Paid Search", day(3)),
        ("e7", "first_touch"): ("Paid Search", day(92)),
        ("e7", "last_non_direct"): ("Paid Search", day(92)),
        ("e8", "first_touch"): ("Direct", day(92)),
        ("e8", "last_non_direct"): ("Direct", day(92)),
    }
    assert company.query("select sum(revenue) from reporting.acquisition_revenue where model = 'first_touch'") == [
        (10,)
    ]
    assert company.differences() == {}


def test_a_touch_after_midnight(company: Company):
    """It belongs to the date on which its session starts, also when only the touch arrives late."""
    query = "select event_date, touch_source from summaries.fact_acquisition_steps"
    company.land(2, [event("e1", at(1, "23:50")), event("e2", at(2, "00:10"), utm_source="b")])
    company.land(3, [event("e3", at(2, "00:05"), utm_source="a")])
    company.build(2)
    assert company.query(query) == [(day(1), "b")]
    company.build(3)
    assert company.query(query) == [(day(1), "a")]
    assert company.differences() == {}
