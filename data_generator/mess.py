"""What reaches the landing area: which events are delivered today, and what went wrong with them.

Each event has at most one kind of mess, so that the counts in the manifest add up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_generator.company import CURRENCIES, DAY
from data_generator.events import AGAIN, LATE, TODAY, YESTERDAY
from data_generator.rates import Rates
from data_generator.script import Table, take
from data_generator.streams import Streams, pick
from data_generator.vocabulary import ACTIVITY, EVENT, FIRST_APP, FIRST_BOT, LEARNING

QUARANTINED = (
    "malformed_json",
    "not_an_object",
    "missing_value",
    "unknown_event_type",
    "unparsable_timestamp",
    "future_timestamp",
    "ancient_timestamp",
)
"""Kinds of mess that a loader must hold back; the names are its error codes."""
KINDS = ("", *QUARANTINED, "wrong_case", "duplicate_same_day", "late", "duplicate_other_day", "bot")
KIND = {name: code for code, name in enumerate(KINDS)}


@dataclass(frozen=True)
class Delivery:
    """`events` as they land, with `mess` (uint8 index into KINDS) and `arrival` (millisecond of the day) for each."""

    events: Table
    mess: np.ndarray
    arrival: np.ndarray


def _own_mess(events: Table, streams: Streams, rates: Rates) -> np.ndarray:
    """uint8: the mess within each event, apart from its delivery. A function of the event alone."""
    drawn = KINDS[: KIND["duplicate_same_day"] + 1]
    shares = [getattr(rates, name) for name in drawn[1:]]
    mess = pick([1 - sum(shares), *shares], streams.uniform("mess", events["key"]))
    mess[events["clean"] | (events["lag"] > 0)] = 0
    return mess


def deliver(events: Table, day: int, streams: Streams, rates: Rates) -> tuple[Delivery, dict]:
    """What lands on `day`, and the truth about what happened on it, from `Day.events`."""
    role, lag = events["role"], events["lag"]
    happened = events["ts"] // (DAY * 1000)
    mess = _own_mess(events, streams, rates)
    today = ((role == TODAY) | (role == YESTERDAY)) & (happened == day)
    late = role == LATE
    again = (role == AGAIN) & (lag == 0) & (mess == 0) & (happened == events["day"]) & (happened < day)
    again &= streams.uniform("again", events["key"]) < rates.again_events
    mess[late] = np.where(happened[late] < day, KIND["late"], 0)
    mess[again] = KIND["duplicate_other_day"]
    bot = (events["client"] >= FIRST_BOT) & (events["client"] < FIRST_APP)
    mess[bot] = KIND["bot"]

    truth = _truth(take(events, np.flatnonzero(today & ((mess == 0) | (mess > len(QUARANTINED))) & ~bot)))
    lands = np.flatnonzero((today & (lag == 0)) | late | again)
    repeated = lands[mess[lands] == KIND["duplicate_same_day"]]
    mess[repeated] = 0  # of the two deliveries, the first is an ordinary line
    rows = np.concatenate([lands, repeated])
    mess = mess[rows]
    mess[len(lands) :] = KIND["duplicate_same_day"]
    landed = take(events, rows)

    arrival = landed["ts"] - day * DAY * 1000
    chance = streams.uniform("arrival", landed["key"])
    at_any_time = (mess == KIND["duplicate_other_day"]) | (landed["role"] == LATE)
    arrival = np.where(at_any_time, (chance * DAY * 1000).astype(np.int64), arrival)
    arrival[len(lands) :] += 1 + (chance[len(lands) :] * 600_000).astype(np.int64)  # sent again within ten minutes
    return Delivery(landed, mess, arrival), truth


def _truth(events: Table) -> dict:
    """Numbers to check the analysts' numbers against, once everything has arrived: people only, no bots."""
    user, event = events["user"], events["event"]

    def distinct(numbers: np.ndarray) -> int:
        return int(np.count_nonzero(np.bincount(numbers)))  # much faster than np.unique

    def actors(rows: np.ndarray) -> int:
        known = rows & (user >= 0)
        strangers = rows & (user < 0)
        return distinct(user[known]) + len(np.unique(events["anonymous"][strangers]))

    def cents(names: tuple[str, ...]) -> dict[str, str]:
        rows = np.isin(event, [EVENT[name] for name in names])
        sums = {
            currency: int(events["cents"][rows & (events["currency"] == code)].sum(dtype=np.int64))
            for code, currency in enumerate(CURRENCIES)
        }
        return {currency: f"{total / 100:.2f}" for currency, total in sums.items() if total}

    def times(name: str) -> int:
        return int((event == EVENT[name]).sum())

    active = ACTIVITY[event]
    return {
        "events": len(event),
        "actors": actors(active),
        "users": distinct(user[active & (user >= 0)]),
        "learners": actors(LEARNING[event]),
        "content_completions": times("content_complete"),
        "sign_ups": times("sign_up"),
        "purchases": times("purchase"),
        "shop_revenue": cents(("purchase",)),
        "subscription_revenue": cents(("subscription_start", "subscription_renew")),
        "refunds": times("refund"),
    }
