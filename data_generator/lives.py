"""The lives of users: who they are, what they decide and when. Everything is a closed form of (seed, user number).

A user's number is the order of signing up, so "all users by day d" is a prefix, and users are computed once for a
block of days. What a user *does* on a day (sessions, events) is in `events`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_generator.company import COUNTRIES, DAY, HISTORY_DAYS, LANGUAGES, NEVER, Company
from data_generator.streams import lane
from data_generator.timeline import Timeline, moments

CHANNELS = ("organic", "paid_search", "social", "referral", "podcast_ad")
CHANNEL_SHARES = [0.34, 0.22, 0.22, 0.12, 0.10]
_CHANNEL_INTEREST = np.array([1.0, 0.8, 0.7, 1.3, 1.1])

DEVICES = ("iphone", "ipad", "android_phone", "android_tablet", "desktop")
DEVICE_SHARES = [0.33, 0.07, 0.34, 0.05, 0.21]
WEB, IOS, ANDROID = range(3)
PLATFORMS = ("web", "ios", "android")
DEVICE_PLATFORM = np.array([IOS, IOS, ANDROID, ANDROID, WEB], dtype=np.uint8)
DEVICE_IS_TABLET = np.array([False, True, False, True, False])

FREE, TRIAL, MONTHLY, ANNUAL = range(4)
PLANS = ("free", "trial", "monthly", "annual")
PRICES = np.array([[0, 0, 0, 0], [0, 0, 0, 0], [999, 1090, 899, 1099], [8900, 9500, 7900, 9900]], dtype=np.int32)
"""Cents of each plan in each of CURRENCIES."""
TRIAL_DAYS = 14
PERIOD_DAYS = np.array([0, 0, 30, 365])

EXPERIMENTS = ("paywall_copy", "new_player")
PAYWALL_UPLIFT = 1.35
"""Variant B of paywall_copy: trials turn into subscriptions this much more often."""
PLAYER_UPLIFT = 1.15
"""Variant B of new_player: people listen and read this much longer."""

COMMUTER, EVENING, WEEKENDER = range(3)
_WEEKDAY = np.array(
    [
        [1.15, 1.20, 1.15, 1.10, 1.00, 0.65, 0.65],
        [1.05, 1.00, 1.00, 1.00, 0.85, 0.95, 1.20],
        [0.65, 0.60, 0.65, 0.70, 0.90, 1.80, 1.90],
    ]
)
"""How likely each habit is to show up, Monday to Sunday."""


@dataclass(frozen=True)
class Spells:
    """Subscriptions: up to two per user, int32 [n, 2]; half-open in time, NEVER when there is none."""

    start: np.ndarray
    end: np.ndarray
    plan: np.ndarray


class Users:
    """All users with numbers below `count`. Arrays are [count] or [count, slots], moments in seconds since `start`."""

    def __init__(self, company: Company, day: int) -> None:
        self.company = company
        self.streams = company.streams
        joined = company.joined(day + 7)  # those who sign up within a week visit already
        self.count = int(joined[-1])
        self.number = np.arange(self.count)
        draw, number = self.streams, self.number

        self.signup_day = (np.searchsorted(joined, number, side="right") - HISTORY_DAYS).astype(np.int32)
        # Sign-ups between 5:00 and 22:00 UTC: a first session never crosses midnight.
        second = 5 * 3600 + 17 * 3600 * (draw.uniform("signup", number) + draw.uniform("signup again", number)) / 2
        self.signup = moments(self.signup_day.astype(np.int64) * DAY + second.astype(np.int64))
        self.channel = draw.choose(CHANNEL_SHARES, "channel", number)
        self.variant = np.stack([draw.below(2, f"variant {name}", number) for name in EXPERIMENTS], axis=1)
        self.habit = draw.choose([0.4, 0.4, 0.2], "habit", number)
        self._settle_interest()
        self._settle_account()
        self._settle_subscriptions()
        self._settle_changes()
        ends = self.spells.end
        paid_until = np.where(ends < NEVER, ends, -NEVER).max(axis=1) // DAY
        self.last_day = np.maximum(self.signup_day + self.interested_days, paid_until)
        self.last_day[self.returned < NEVER] = NEVER  # whoever returns has no last day
        """int32: nobody opens the app after this day."""

    # The decisions of a life, in the order in which they depend on each other.

    def _settle_interest(self) -> None:
        draw, number = self.streams, self.number
        appeal = np.exp(0.6 * draw.normal("appeal", number)) * _CHANNEL_INTEREST[self.channel]
        self.appeal = appeal.astype(np.float32)
        self.floor = (0.10 + 0.30 * draw.uniform("floor", number) ** 2).astype(np.float32)
        loyal = draw.uniform("loyal", number) < 0.12 + 0.06 * appeal
        leaves = draw.exponential(95.0, "leaves", number) * np.minimum(appeal, 2.0)
        self.interested_days = np.where(loyal, 20_000, leaves).astype(np.int32)

    def _settle_account(self) -> None:
        draw, number = self.streams, self.number
        deletes = draw.uniform("deletes", number) < 0.06
        after = (1 + draw.exponential(150.0, "deletes after", number)) * DAY
        self.deleted = moments(np.where(deletes, self.signup + after, NEVER))
        regrets = deletes & (draw.uniform("regrets", number) < 0.25)
        later = (5 + draw.exponential(40.0, "regrets after", number)) * DAY
        self.returned = moments(np.where(regrets, self.deleted + later, NEVER))

    def _settle_subscriptions(self) -> None:
        draw, number = self.streams, self.number
        keen = np.clip(self.appeal, 0.4, 1.8)
        tries = draw.uniform("trial", number) < 0.38 * keen
        # Half of those who try do so right after onboarding, the others within weeks.
        wait = np.where(
            draw.uniform("trial soon", number) < 0.5,
            600 + 1800 * draw.uniform("trial wait", number),
            draw.exponential(9.0 * DAY, "trial wait long", number) + 3600,
        )
        trial = np.where(tries, self.signup + wait.astype(np.int64), NEVER).astype(np.int64)
        uplift = np.where(self.variant[:, 0] == 1, PAYWALL_UPLIFT, 1.0)
        converts = tries & (draw.uniform("converts", number) < 0.36 * np.minimum(keen, 1.4) * uplift)
        first = np.where(converts, trial + TRIAL_DAYS * DAY, NEVER)
        plans = np.where(draw.uniform("plan", number, 0) < 0.72, MONTHLY, ANNUAL)
        first_end = first + self._subscribed_days(plans, 0) * DAY
        wins_back = converts & (draw.uniform("wins back", number) < 0.25)
        pause = ((15 + draw.exponential(60.0, "win-back after", number)) * DAY).astype(np.int64)
        second = np.where(wins_back, first_end + pause, NEVER)
        plans_back = np.where(draw.uniform("plan", number, 1) < 0.6, MONTHLY, ANNUAL)
        second_end = second + self._subscribed_days(plans_back, 1) * DAY

        # Who deletes the account ends the subscription a minute before, and nothing starts afterwards.
        deleted = self.deleted.astype(np.int64)

        def until_deleted(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            happens = start < np.minimum(deleted - 3600, NEVER)
            return np.where(happens, start, NEVER), np.where(happens, np.minimum(end, deleted - 60), NEVER)

        trial, trial_end = until_deleted(trial, trial + TRIAL_DAYS * DAY)
        first, first_end = until_deleted(first, first_end)
        second, second_end = until_deleted(second, second_end)
        self.trial, self.trial_end = moments(trial), moments(trial_end)
        self.spells = Spells(
            start=moments(np.stack([first, second], axis=1)),
            end=moments(np.stack([first_end, second_end], axis=1)),
            plan=np.stack([plans, plans_back], axis=1).astype(np.uint8),
        )

    def _subscribed_days(self, plan: np.ndarray, spell: int) -> np.ndarray:
        """Whole billing periods: each is renewed with the same chance."""
        chance = self.streams.uniform("renews", self.number, spell)
        renewals = np.where(plan == MONTHLY, np.log1p(-chance) / np.log(0.90), np.log1p(-chance) / np.log(0.55))
        return (1 + np.minimum(renewals, 60).astype(np.int64)) * PERIOD_DAYS[plan]

    def _settle_changes(self) -> None:
        draw, number = self.streams, self.number

        def chain(purpose: str, mean_days: float) -> np.ndarray:
            first = self.signup + (2 + draw.exponential(mean_days, purpose, number, 1)) * DAY
            second = first + (2 + draw.exponential(mean_days, purpose, number, 2)) * DAY
            return moments(np.stack([first, second], axis=1))

        self.moves = chain("moves", 1100.0)
        self.new_devices = chain("new device", 800.0)
        self.new_email = chain("new email", 2500.0)[:, :1]
        home = draw.choose([c.share for c in COUNTRIES], "country", number, 0)
        self.country = np.stack([home] * 3, axis=1)
        for move in (1, 2):
            abroad = draw.uniform("abroad", number, move) < 0.25
            other = draw.choose([c.share for c in COUNTRIES], "country", number, move)
            self.country[:, move] = np.where(abroad, other, self.country[:, move - 1])
        self.device = np.stack([draw.choose(DEVICE_SHARES, "device", number, slot) for slot in range(3)], axis=1)
        self.timeline = Timeline(
            changes=np.concatenate(
                [
                    np.stack([self.signup, self.trial, self.trial_end], axis=1),
                    self.spells.start,
                    self.spells.end,
                    self.moves,
                    self.new_devices,
                    self.new_email,
                ],
                axis=1,
            ),
            deleted=self.deleted,
            returned=self.returned,
        )

    # State at a moment: `users` and `moment` are arrays of equal length, or `moment` an int.

    def plan_at(self, users: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
        """uint8 index into PLANS."""
        plan = np.where((self.trial[users] <= moment) & (moment < self.trial_end[users]), TRIAL, FREE)
        for spell in (0, 1):
            inside = (self.spells.start[users, spell] <= moment) & (moment < self.spells.end[users, spell])
            plan = np.where(inside, self.spells.plan[users, spell], plan)
        return plan.astype(np.uint8)

    def country_at(self, users: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
        """uint8 index into COUNTRIES."""
        return self.country[users, _passed(self.moves[users], moment)]

    def device_at(self, users: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
        """uint8 index into DEVICES."""
        return self.device[users, _passed(self.new_devices[users], moment)]

    def language(self, users: np.ndarray) -> np.ndarray:
        """uint8 index into LANGUAGES: that of the first country, or English."""
        native = np.array([LANGUAGES.index(c.language) for c in COUNTRIES], dtype=np.uint8)[self.country[users, 0]]
        return np.where(self.streams.uniform("speaks english", users) < 0.12, np.uint8(LANGUAGES.index("en")), native)

    def anonymous(self, users: np.ndarray) -> np.ndarray:
        """uint64, not 0: the anonymous id of the browser in which the user signed up.

        Some share that browser with the user who signed up before them.
        """
        users = np.asarray(users)
        shared = self.streams.uniform("shared browser", users) < 0.03
        owner = np.where(shared, np.maximum(users, 1) - 1, users)
        return self.streams.bits("anonymous user", owner) | np.uint64(1)

    def anonymous_on(self, users: np.ndarray, web: np.ndarray) -> np.ndarray:
        """uint64, not 0: the anonymous id of the user's browser where `web`, else that of the app on their phone."""
        return np.where(web, self.anonymous(users), self.streams.bits("anonymous phone", users) | np.uint64(1))

    def chance_of_visit(self, users: np.ndarray, day: np.ndarray) -> np.ndarray:
        """float32 in [0, 0.95]: the chance that each user opens the app on `day` (after the day of sign-up).

        Interest decays from the first day towards a personal floor, ends for good for those who leave, and is higher
        for subscribers. The weekday (`weekday_factor`) and the season are the caller's.
        """
        moment = day * DAY + DAY // 2
        back = self.returned[users]
        age = np.where(back <= moment, (moment - back) // DAY, day - self.signup_day[users]).astype(np.float32)
        floor = self.floor[users]
        chance = floor + (1 - floor) / (1 + age / 3) ** np.float32(0.8)
        plan = self.plan_at(users, moment)
        chance *= self.appeal[users] * np.array([0.36, 0.62, 0.80, 0.70], dtype=np.float32)[plan]
        chance *= (plan > TRIAL) | (age < self.interested_days[users])
        return np.minimum(chance, np.float32(0.95))

    def weekday_factor(self, users: np.ndarray, weekday: np.ndarray) -> np.ndarray:
        return _WEEKDAY.astype(np.float32)[self.habit[users], weekday]

    # Rows of the extract: one list per column, without the leading user_id, changed_at and op.

    def rows(self, users: np.ndarray, moment: np.ndarray) -> list[list]:
        """The columns of users.csv, from email to signup_at."""
        move = _passed(self.moves[users], moment)
        country = self.country_at(users, moment).tolist()
        home = self.country[users, 0].tolist()
        name = self.streams.bits("name", users)
        first = (lane(name, 0) * 150).astype(int).tolist()
        last = (lane(name, 1) * 150).astype(int).tolist()
        address = self.streams.bits("address", users, move)
        street = (lane(address, 0) * 150).astype(int).tolist()
        house = (1 + lane(address, 1) ** 2 * 120).astype(int).tolist()
        town = (lane(address, 2) * 100).astype(int).tolist()
        mailbox = _passed(self.new_email[users], moment).tolist()
        pools = self.company.names
        names = [f"{pools[c].first[f]} {pools[c].last[s]}" for c, f, s in zip(home, first, last, strict=True)]
        towns = [pools[c].towns[t] for c, t in zip(country, town, strict=True)]
        signup = (self.signup[users].astype(np.int64) + self.company.epoch).astype("datetime64[s]")
        return [
            [f"{('user', 'me')[m]}{u}@example.org" for u, m in zip(users.tolist(), mailbox, strict=True)],
            names,
            [f"{pools[c].streets[s]} {h}" for c, s, h in zip(country, street, house, strict=True)],
            [postal_code for postal_code, _ in towns],
            [city for _, city in towns],
            [COUNTRIES[c].code for c in country],
            [LANGUAGES[code] for code in self.language(users)],
            [DEVICES[d] for d in self.device_at(users, moment)],
            [PLANS[p] for p in self.plan_at(users, moment)],
            [CHANNELS[c] for c in self.channel[users]],
            np.datetime_as_string(signup, timezone="UTC").tolist(),
        ]


def _passed(changes: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
    """int64 [n]: how many of each row's changes have happened by `moment`."""
    return (changes <= np.reshape(moment, (-1, 1))).sum(axis=1)
