"""The words that events are written in: types, properties, clients. Columns hold their codes, `landing` writes them."""

from __future__ import annotations

import numpy as np

from data_generator.company import HISTORY_DAYS
from data_generator.lives import EXPERIMENTS, PLANS

EVENTS = (
    "sign_up", "onboarding_step", "onboarding_complete", "login", "trial_start", "subscription_start",
    "subscription_renew", "subscription_cancel", "app_open", "page_view", "search", "experiment_view", "content_view",
    "content_start", "content_progress", "content_pause", "content_seek", "content_complete", "post_create",
    "comment_create", "like", "product_view", "cart_add", "checkout_start", "purchase", "refund",
)  # fmt: skip
EVENT = {name: code for code, name in enumerate(EVENTS)}
LEARNING = np.isin(EVENTS, ("content_start", "content_progress", "content_complete"))

BROWSERS = ("Chrome", "Safari", "Firefox", "Edge")
BOTS = ("Googlebot/2.1", "bingbot/2.0", "AhrefsBot/7.0", "python-requests/2.32")
PAGES = ("home", "pricing", "blog", "help")
QUERIES = ("sleep", "french", "stoicism", "roman empire", "negotiation", "sourdough", "morning routine", "budget")
PROPERTIES: tuple[dict, ...] = (
    {},
    *({"page": page} for page in PAGES),
    *({"query": query} for query in QUERIES),
    *({"step": step} for step in (1, 2, 3)),
    *({"experiment": name, "variant": variant} for name in EXPERIMENTS for variant in "AB"),
    *({"plan": plan} for plan in PLANS),
    *({"plan": plan, "winback": True} for plan in PLANS),
)
PAGE, QUERY, STEP, VARIANT, PLAN, WINBACK = (
    next(code for code, entry in enumerate(PROPERTIES) if key in entry and (key != "winback" or entry[key]))
    for key in ("page", "query", "step", "experiment", "plan", "winback")
)
"""Where each group begins in PROPERTIES."""

# A client is the platform with its version or browser: browsers, bots, then iOS and Android versions in turn.
FIRST_BOT = len(BROWSERS)
FIRST_APP = FIRST_BOT + len(BOTS)
RELEASE_DAYS = 21


def clients(day: int) -> list[tuple[str, str, str]]:
    """(platform, app_version, user_agent) of each client known by `day`; "" for what does not apply."""
    known = [("web", "", agent) for agent in (*BROWSERS, *BOTS)]
    for release in range((day + HISTORY_DAYS) // RELEASE_DAYS + 1):
        version = f"{3 + release // 10}.{release % 10}"
        known += [("ios", version, ""), ("android", version, "")]
    return known
