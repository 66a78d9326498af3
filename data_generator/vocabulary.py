"""The words that events are written in: types, properties, clients. Columns hold their codes, `landing` writes them."""

from __future__ import annotations

import numpy as np

from data_generator.company import COUNTRIES, HISTORY_DAYS, LANGUAGES
from data_generator.lives import EXPERIMENTS, PLANS

EVENTS = (
    "sign_up", "onboarding_step", "onboarding_complete", "login", "trial_start", "subscription_start",
    "subscription_renew", "subscription_cancel", "app_open", "page_view", "search", "experiment_view", "content_view",
    "content_start", "content_progress", "content_pause", "content_seek", "content_complete", "post_create",
    "comment_create", "like", "product_view", "cart_add", "checkout_start", "purchase", "refund", "subscription_expire",
    "bookmark_add", "quiz_answer", "push_receive", "unlike",
)  # fmt: skip
"""The apps' names; a test holds them to the contract and to `ingestion/vocabulary.yml`."""
EVENT = {name: code for code, name in enumerate(EVENTS)}
ACTIVITY = ~np.isin(EVENTS, ("subscription_renew", "subscription_expire", "refund", "push_receive"))
"""bool for each of EVENTS: the person did it. A server sends the others."""
LEARNING = np.isin(EVENTS, ("content_start", "content_progress", "content_complete"))

BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
BOTS = ("Googlebot/2.1", "bingbot/2.0", "AhrefsBot/7.0", "python-requests/2.32")
PAGES = ("", "/", "/pricing", "/blog", "/help")
"""Paths; the first stands for none."""
PAGE = 1
CAMPAIGNS: tuple[dict[str, str], ...] = (
    {},
    {"referrer": "https://www.google.com/"},
    {"referrer": "https://www.youtube.com/"},
    {"referrer": "https://en.wikipedia.org/"},
    {"utm_source": "google", "utm_medium": "cpc", "utm_campaign": "brand"},
    {"utm_source": "instagram", "utm_medium": "social", "utm_campaign": "morning_routine"},
    {"utm_source": "podcast", "utm_medium": "audio", "utm_campaign": "host_read"},
    {"utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "weekly"},
)
"""What leads to a visit; the first is nothing that is known."""
NEWSLETTER = len(CAMPAIGNS) - 1
PLACES = ({}, *({"country": country.code, "language": code} for country in COUNTRIES for code in LANGUAGES))
"""Where an event happens and in which language: see `place`. The first stands for what is not known."""
QUERIES = ("sleep", "french", "stoicism", "roman empire", "negotiation", "sourdough", "morning routine", "budget")
PROPERTIES: tuple[dict, ...] = (
    {},
    *({"query": query} for query in QUERIES),
    *({"step": step} for step in (1, 2, 3)),
    *({"experiment": name, "variant": variant} for name in EXPERIMENTS for variant in "AB"),
    *({"plan": plan} for plan in PLANS),
    *({"plan": plan, "winback": True} for plan in PLANS),
)
QUERY, STEP, VARIANT, PLAN, WINBACK = (
    next(code for code, entry in enumerate(PROPERTIES) if key in entry and (key != "winback" or entry[key]))
    for key in ("query", "step", "experiment", "plan", "winback")
)
"""Where each group begins in PROPERTIES."""

# A client is a browser or a version of an app, with its device: browsers, bots, then four for each release.
SYSTEMS = ("Windows", "macOS", "Linux", "Windows")
"""Of each of BROWSERS."""
FIRST_BOT = len(BROWSERS)
FIRST_APP = FIRST_BOT + len(BOTS)
RELEASE_DAYS = 21


def place(country: np.ndarray, language: np.ndarray) -> np.ndarray:
    """uint8 index into PLACES, of indexes into COUNTRIES and LANGUAGES."""
    return (1 + country.astype(np.uint8) * len(LANGUAGES) + language).astype(np.uint8)


def clients(day: int) -> list[dict[str, str]]:
    """What each client known by `day` says of itself: platform, and what applies of the other columns."""
    known = [
        {"platform": "web", "user_agent": name, "device_type": "desktop", "os": system, "browser": name}
        for name, system in zip(BROWSERS, SYSTEMS, strict=True)
    ]
    known += [{"platform": "web", "user_agent": name} for name in BOTS]
    for release in range((day + HISTORY_DAYS) // RELEASE_DAYS + 1):
        version = f"{3 + release // 10}.{release % 10}"
        known += [
            {"platform": platform, "app_version": version, "device_type": device, "os": system}
            for platform, system in (("ios", "iOS"), ("android", "Android"))
            for device in ("mobile", "tablet")
        ]
    return known
