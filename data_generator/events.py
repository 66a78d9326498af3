"""What happens on a day: sessions of users, visits of strangers, crawls of bots, and what the billing system sends.

A *user-day* is a user and the day on which a session begins. Its sessions and events are a pure function of the two,
so the day's own events, those that cross midnight, those that arrive late, those delivered twice and the purchases
that come back as refunds are all made by one expansion over different sets of user-days (see `user_days`).
"""

from __future__ import annotations

import numpy as np

from data_generator.catalogue import CONTENT, PODCAST, PRODUCTS, Catalogue
from data_generator.company import COUNTRIES, CURRENCIES, DAY, HISTORY_DAYS, LANGUAGES, NEVER, Company, season, shopping
from data_generator.lives import (
    ANDROID,
    DEVICE_IS_TABLET,
    DEVICE_PLATFORM,
    PERIOD_DAYS,
    PLAYER_UPLIFT,
    PRICES,
    TRIAL,
    WEB,
    WEEKENDER,
    Users,
)
from data_generator.rates import Rates
from data_generator.script import Script, Table, concat, table_of, take
from data_generator.streams import lane, pick
from data_generator.vocabulary import (
    BOTS,
    BROWSERS,
    CAMPAIGNS,
    EVENT,
    FIRST_APP,
    FIRST_BOT,
    NEWSLETTER,
    PAGE,
    PAGES,
    PLAN,
    QUERIES,
    QUERY,
    RELEASE_DAYS,
    STEP,
    VARIANT,
    WINBACK,
    place,
)

# Why a user-day is looked at on the day of landing.
TODAY, YESTERDAY, LATE, AGAIN, REFUND = range(5)
LONGEST_SESSION = 3 * 3600
"""Seconds: only sessions that begin this close to midnight can cross it."""

SESSIONS_PER_DAY = [0.68, 0.24, 0.08]
_SESSION_HOURS = np.array([0.0, 4.0, 9.5])
"""Sessions begin this long after (or before) the first, plus up to 1.5 hours: never within 4 hours of another."""

_HOURS = np.array(
    [  # local hours of commuters, evening people, weekenders
        [1, 0, 0, 0, 0, 2, 9, 16, 12, 5, 4, 4, 9, 5, 4, 4, 7, 15, 12, 6, 5, 5, 3, 2],
        [3, 1, 0, 0, 0, 1, 2, 3, 4, 3, 3, 4, 6, 4, 4, 4, 5, 7, 9, 14, 18, 18, 12, 6],
        [2, 1, 0, 0, 0, 1, 2, 4, 8, 12, 12, 10, 7, 7, 8, 9, 9, 8, 8, 8, 8, 7, 5, 3],
    ],
    dtype=float,
)
_MINUTE = np.stack(
    [
        np.interp(np.arange(1024) / 1024, np.concatenate([[0], np.cumsum(hours) / np.sum(hours)]), np.arange(25) * 60)
        for hours in _HOURS
    ]
)
"""float64 [habit, 1024]: the minute of the local day at each quantile."""

USER, SIGN_UP, BILLING, STRANGER, BOT, MONEY_BACK, PUSH = range(7)
"""Who an event comes from: the top bits of its key."""


class Day:
    """Everything that lands, and everything that happens, on one day of the company."""

    def __init__(self, company: Company, users: Users, day: int, rates: Rates) -> None:
        self.company, self.users, self.day, self.rates = company, users, day, rates
        self.streams = company.streams
        self.catalogue = Catalogue(company, day)
        self.known = company.users_by(day)

    def events(self) -> Table:
        """All events that happen today or land today; role, day and lag say which (see `mess.deliver`)."""
        sessions = self._sessions()
        refunds = self._refunds(sessions)
        return concat(
            [sessions, refunds, self._sign_ups(), self._billing(), self._pushes(), self._visits(), self._bots()]
        )

    # Which user-days matter today.

    def user_days(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(user, day, role) of each user-day whose events may happen or land today: int64, int64, uint8.

        A lag of k days befalls every m-th user of a day, beginning with a random one: the users concerned can be listed
        without looking at the others, which makes "what arrives today from the last 30 days" cheap.
        """
        sets = []
        for day, role in ((self.day, TODAY), (self.day - 1, YESTERDAY)):
            sets.append((np.flatnonzero(self.users.last_day[: self.company.users_by(day)] >= day), day, role))
        for role, lags in ((LATE, self.rates.late), (AGAIN, self.rates.again), (REFUND, self.rates.refund)):
            for lag, every in lags.every():
                day = self.day - lag
                first = int(self.streams.below(every, "lagging", role, lag, day))
                sets.append((np.arange(first, self.company.users_by(day), every), day, role))
        sets = [(users, day, role) for users, day, role in sets if day >= 0 and len(users)]
        sizes = [len(users) for users, _, _ in sets]
        return (
            np.concatenate([np.zeros(0, np.int64), *(users for users, _, _ in sets)]),
            np.repeat(np.array([day for _, day, _ in sets], np.int64), sizes),
            np.repeat(np.array([role for _, _, role in sets], np.uint8), sizes),
        )

    def _lag(self, user: np.ndarray, day: np.ndarray) -> np.ndarray:
        """uint8: after how many days the sessions of each user-day are delivered; 0 is at once."""
        result = np.zeros(len(user), np.uint8)
        days, inverse = np.unique(day, return_inverse=True)
        for lag, every in reversed(self.rates.late.every()):
            first = self.streams.below(every, "lagging", LATE, lag, days)[inverse]
            result[(user - first) % every == 0] = lag
        return result

    def _starts(self) -> Table:
        """The sessions that begin in today's user-days: user, day, role, number, start (second of the day), lag."""
        user, day, role = self.user_days()
        users, draw = self.users, self.streams
        days, inverse = np.unique(day, return_inverse=True)
        weekday = np.array([self.company.date_of(int(d)).weekday() for d in days], np.uint8)[inverse]
        busy = np.array([season(self.company.date_of(int(d))) for d in days], np.float32)[inverse]
        chance = users.chance_of_visit(user, day) * users.weekday_factor(user, weekday) * busy
        rows = np.flatnonzero(draw.uniform("visit", user, day) < chance)
        user, day, role = user[rows], day[rows], role[rows]

        bits = draw.bits("sessions", user, day)
        sessions = 1 + pick(SESSIONS_PER_DAY, lane(bits, 0)).astype(np.int64)
        local = _MINUTE[users.habit[user], (lane(bits, 1) * 1024).astype(np.int64)] * 60 + lane(bits, 2) * 900
        country = users.country_at(user, day * DAY)
        offsets = np.array([self.company.utc_offset(int(d)) for d in days]).reshape(-1, len(COUNTRIES))
        offset = offsets[np.searchsorted(days, day), country]
        first = local - offset

        again = np.repeat(np.arange(len(user)), sessions)
        number = np.arange(len(again)) - np.repeat(np.cumsum(sessions) - sessions, sessions)
        later = _SESSION_HOURS[number] + 1.5 * draw.uniform("session", user[again], day[again], number) * (number > 0)
        later[local[again] > 13 * 3600] *= -1  # a late user's other sessions come before, not at night
        table = {
            "user": user[again],
            "day": day[again],
            "role": role[again],
            "number": number,
            "start": ((first[again] + later * 3600) % DAY).astype(np.int64),
        }
        moment = table["day"] * DAY + table["start"]
        there = users.signup[table["user"]] + 2700 <= moment
        there &= users.timeline.exists(table["user"], moment)
        there &= users.timeline.exists(table["user"], moment + LONGEST_SESSION)
        there &= (table["role"] != YESTERDAY) | (table["start"] >= DAY - LONGEST_SESSION)
        table = take(table, np.flatnonzero(there))
        table["lag"] = self._lag(table["user"], table["day"])
        lagging = (table["role"] != LATE) | (table["lag"] == self.day - table["day"])
        return take(table, np.flatnonzero(lagging))

    # What happens in a session.

    def _sessions(self) -> Table:
        draw, users = self.streams, self.users
        start = self._starts()
        user, day, number = start["user"], start["day"], start["number"]
        session = _session(USER, day, user, number)
        moment = day * DAY + start["start"]
        one, two, three = (draw.bits(f"script {part}", session) for part in (1, 2, 3))
        on_web = lane(one, 0) < 0.14
        device = users.device_at(user, moment)
        platform = np.where(on_web, WEB, DEVICE_PLATFORM[device])
        web, app = platform == WEB, platform != WEB
        script = Script(
            draw,
            session,
            clock=moment * 1000,
            shared={
                "user": user,
                "day": day,
                "role": start["role"],
                "lag": start["lag"],
                "client": self._client(user, day, platform, DEVICE_IS_TABLET[device]),
                "place": self._place(user, moment),
            },
        )
        script.step("app_open", app, (0, 1))
        led = np.where(lane(one, 1) > 0.8, NEWSLETTER, 0)
        script.step("page_view", web, (0, 1), page=PAGE, campaign=led)
        script.step("login", lane(one, 1) < np.where(web, 0.10, 0.02), (4, 20), anonymous=users.anonymous_on(user, web))
        variant = VARIANT + 2 + users.variant[user, 1]
        script.step("experiment_view", lane(one, 2) < 0.08, (0, 1), properties=variant)
        query = QUERY + (lane(one, 3) ** 1.5 * len(QUERIES)).astype(np.int64)
        script.step("search", lane(two, 0) < 0.16, (3, 20), properties=query)

        learns = lane(two, 1) < 0.66
        week = (day + user) // 7  # many stay with the same book or series for a week
        fresh = lane(two, 2) < 0.5
        choice = np.where(fresh, draw.bits("choice", session), draw.bits("favourite", user, week))
        content = self._choose_content(choice, user, day)
        attention = 60 * np.exp(2.8 + 0.7 * draw.normal("attention", session))
        attention *= np.where(users.variant[user, 1] == 1, PLAYER_UPLIFT, 1.0)
        self._learn(script, learns | (lane(two, 3) < 0.5), learns, content, np.clip(attention, 80, 3600), 6)
        more = learns & (lane(three, 0) < 0.25)
        second = self._choose_content(draw.bits("second choice", session), user, day)
        self._learn(script, more, more, second, np.clip(attention / 2, 80, 1500), 3)

        social = lane(three, 1)
        script.step("like", social < 0.16, (3, 30), content=content)
        script.step("comment_create", social < 0.06, (20, 120), content=content)
        script.step("bookmark_add", (social > 0.30) & (social < 0.34), (2, 15), content=content)
        script.step("quiz_answer", learns & (social > 0.40) & (social < 0.44), (5, 60), content=content)
        script.step("post_create", (social > 0.16) & (social < 0.175), (40, 240))
        self._shop(script, lane(three, 2), lane(three, 3), day)
        script.step("unlike", social < 0.01, (2, 20), content=content)
        return script.table()

    def _learn(
        self,
        script: Script,
        views: np.ndarray,
        starts: np.ndarray,
        content: np.ndarray,
        attention: np.ndarray,
        most: int,
    ) -> None:
        """View, start, progress (at most `most` times), then complete or pause, within `attention` seconds.

        The duration of an event is the time since the learning event before it: durations add up to the time spent.
        """
        length = self.catalogue.content_seconds[content]
        is_podcast = self.catalogue.content_type[content] == PODCAST
        chance = self.streams.bits("learn", script.session, len(script.steps))
        completes = starts & np.where(is_podcast, attention > 0.9 * length, lane(chance, 0) < 0.06)
        seconds = np.where(is_podcast, np.minimum(attention, length), attention)
        parts = np.clip(seconds // 270, 0, most).astype(np.int64)
        part = np.round(seconds / (parts + 1)).astype(np.int64)
        script.step("content_view", views, (2, 15), content=content)
        script.step("content_start", starts, (2, 10), content=content)
        for number in range(1, most + 1):
            script.step("content_progress", starts & (parts >= number), part, content=content, seconds=part)
            if number == 2:
                script.step("content_seek", starts & (lane(chance, 1) < 0.1), (1, 9), content=content)
        script.step("content_complete", completes, part, content=content, seconds=part)
        pauses = starts & ~completes & (lane(chance, 2) < 0.7)
        script.step("content_pause", pauses, part, content=content, seconds=part)

    def _shop(self, script: Script, visit: np.ndarray, resolve: np.ndarray, day: np.ndarray) -> None:
        days, inverse = np.unique(day, return_inverse=True)
        rush = np.array([shopping(self.company.date_of(int(d))) for d in days])[inverse]
        looks = visit < 0.09 * rush
        bits = self.streams.bits("product", script.session)
        other, product = (self._choose_product(lane(bits, part), day) for part in (0, 1))
        quantity = 1 + (lane(bits, 3) > 0.85).astype(np.int32) + (lane(bits, 3) > 0.96)
        script.step("product_view", looks & (lane(bits, 2) < 0.4), (5, 40), product=other)
        script.step("product_view", looks, (5, 40), product=product)
        script.step("cart_add", looks & (resolve < 0.45), (10, 90), product=product)
        script.step("checkout_start", looks & (resolve < 0.34), (5, 40), product=product)
        script.step(
            "purchase",
            looks & (resolve < 0.27),
            (30, 150),
            product=product,
            quantity=quantity,
            cents=lambda rows: self.catalogue.price(product[rows], script.clock[rows] // 1000) * quantity[rows],
        )
        # Some take what they looked at first, too: another line of the same order.
        script.step(
            "purchase",
            looks & (lane(bits, 2) < 0.4) & (resolve < 0.08) & (other != product),
            (0, 1),
            product=other,
            quantity=1,
            cents=lambda rows: self.catalogue.price(other[rows], script.clock[rows] // 1000),
        )

    def _choose_content(self, bits: np.ndarray, user: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Content that is there on `day`, new or popular, if possible in the language of the user: int64."""
        known = self.catalogue.count(CONTENT, day - 1)
        newest = lane(bits, 2) < 0.45
        language = self.users.language(user)
        candidates = []
        for part in (0, 1, 3):
            chance = lane(bits, part)
            number = np.where(newest, known - 1 - chance * 0.08 * known, known * chance**1.7).astype(np.int64)
            candidates.append(self.catalogue.surviving(self.catalogue.content, number, day))
        result = candidates[2]
        for candidate in candidates[1::-1]:
            result = np.where(self.catalogue.content_language[candidate] == language, candidate, result)
        return result

    def _choose_product(self, chance: np.ndarray, day: np.ndarray) -> np.ndarray:
        known = self.catalogue.count(PRODUCTS, day - 1)
        return self.catalogue.surviving(self.catalogue.products, (known * chance**1.6).astype(np.int64), day)

    def _place(self, user: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """uint8 index into PLACES: people are at home."""
        return place(self.users.country_at(user, moment), self.users.language(user))

    def _client(self, user: np.ndarray, day: np.ndarray, platform: np.ndarray, tablet: np.ndarray | bool) -> np.ndarray:
        """uint16 index into `clients()`: apps are updated within three releases."""
        bits = self.streams.bits("client", user)
        release = (day + HISTORY_DAYS) // RELEASE_DAYS - (lane(bits, 0) ** 2 * 3).astype(np.int64)
        version = FIRST_APP + 4 * np.maximum(release, 0) + 2 * (platform == ANDROID) + tablet
        browser = (lane(bits, 1) ** 1.5 * len(BROWSERS)).astype(np.int64)
        return np.where(platform == WEB, browser, version).astype(np.uint16)

    # What happens once in a life, and what the billing system sends.

    def _sign_ups(self) -> Table:
        users, draw = self.users, self.streams
        user = np.arange(self.company.users_by(self.day - 1), self.known)
        day = np.full(len(user), self.day)
        device = users.device[user, 0]
        client = self._client(user, day, DEVICE_PLATFORM[device], DEVICE_IS_TABLET[device])
        script = Script(
            draw,
            session=_session(SIGN_UP, day, user),
            clock=users.signup[user].astype(np.int64) * 1000,
            shared={"user": user, "day": day, "client": client, "place": self._place(user, users.signup[user])},
        )
        everyone = np.ones(len(user), bool)
        script.step("sign_up", everyone, None, anonymous=users.anonymous(user), clean=True)
        script.step("experiment_view", everyone, (1, 3), properties=VARIANT + users.variant[user, 0])
        patience = draw.uniform("onboarding", user) / np.array([1.0, 0.97, 0.94, 1.04, 1.02])[users.channel[user]]
        for number, share in enumerate((0.93, 0.86, 0.80)):
            script.step("onboarding_step", patience < share, (15, 90), properties=STEP + number)
        script.step("onboarding_complete", patience < 0.75, (5, 40))
        return script.table()

    def _billing(self) -> Table:
        """Trials and subscriptions: their moments are those of the user's change records, to the second."""
        users, since, until = self.users, self.day * DAY, (self.day + 1) * DAY
        found: list[list[np.ndarray]] = []

        def add(event: str, user: np.ndarray, moment: np.ndarray, plan: np.ndarray, *, back: bool, paid: bool) -> None:
            same = [np.full(len(user), value) for value in (EVENT[event], back, paid)]
            found.append([user, moment.astype(np.int64), plan, *same])

        user = np.flatnonzero((users.trial >= since) & (users.trial < until))
        add("trial_start", user, users.trial[user], np.full(len(user), TRIAL), back=False, paid=False)
        for spell in (0, 1):
            start, end, plan = users.spells.start[:, spell], users.spells.end[:, spell], users.spells.plan[:, spell]
            user = np.flatnonzero((start >= since) & (start < until))
            add("subscription_start", user, start[user], plan[user], back=spell == 1, paid=True)
            user = np.flatnonzero((end >= since) & (end < until))
            add("subscription_expire", user, end[user], plan[user], back=False, paid=False)
            # Within the last period its owner cancels, and then waits for the end.
            user = np.flatnonzero((end >= since) & (end < NEVER) & (start < until))
            paid = self.streams.uniform("cancels", user, spell) * PERIOD_DAYS[plan[user]] * DAY
            cancel = np.maximum(start[user].astype(np.int64) + 60, end[user] - paid.astype(np.int64))
            due = (cancel >= since) & (cancel < until) & (cancel < end[user])
            add("subscription_cancel", user[due], cancel[due], plan[user][due], back=False, paid=False)
            user = np.flatnonzero((start < since) & (end > since))
            period = PERIOD_DAYS[plan[user]] * DAY
            renewal = start[user] + (until - 1 - start[user].astype(np.int64)) // period * period
            due = (renewal >= since) & (renewal < end[user])
            add("subscription_renew", user[due], renewal[due], plan[user][due], back=False, paid=True)
        user, moment, plan, event, back, paid = (np.concatenate(column) for column in zip(*found, strict=True))
        country = users.country_at(user, moment)
        currency = np.array([CURRENCIES.index(c.currency) for c in COUNTRIES])[country]
        day = np.full(len(user), self.day)
        device = users.device_at(user, moment)
        return table_of(
            len(user),
            event=event,
            ts=moment * 1000,
            user=user,
            client=self._client(user, day, DEVICE_PLATFORM[device], DEVICE_IS_TABLET[device]),
            cents=np.where(paid, PRICES[plan, currency], -1),
            currency=currency,
            properties=np.where(back, WINBACK, PLAN) + plan,
            key=_session(BILLING, day, user) * np.uint64(64) + event.astype(np.uint64),
            day=day,
            clean=True,
        )

    def _pushes(self) -> Table:
        """The server tells of the messages that it sent: each day to every 40th user who is still there."""
        users = self.users
        user = np.arange(self.day % 40, self.company.users_by(self.day - 1), 40)
        moment = self.day * DAY + 6 * 3600 + self.streams.below(3600, "push", self.day, user)
        there = users.timeline.exists(user, moment) & (users.last_day[user] >= self.day)
        user, moment = user[there], moment[there]
        day = np.full(len(user), self.day)
        device = users.device_at(user, moment)
        return table_of(
            len(user),
            event=EVENT["push_receive"],
            ts=moment * 1000,
            user=user,
            client=self._client(user, day, DEVICE_PLATFORM[device], DEVICE_IS_TABLET[device]),
            key=_session(PUSH, day, user) * np.uint64(64),
            day=day,
            clean=True,
        )

    def _refunds(self, sessions: Table) -> Table:
        """Some purchases of the last weeks come back."""
        refund = take(sessions, np.flatnonzero((sessions["role"] == REFUND) & (sessions["event"] == EVENT["purchase"])))
        refund["key"] |= np.uint64(MONEY_BACK << 56)
        moment = self.day * DAY + (self.streams.uniform("refund", refund["key"]) * DAY).astype(np.int64)
        refund["event"][:] = EVENT["refund"]
        refund["ts"] = moment * 1000
        refund["day"][:] = self.day
        refund["role"][:] = TODAY
        refund["lag"][:] = 0
        refund["session"][:] = 0
        refund["place"][:] = 0
        refund["clean"][:] = True
        return take(refund, np.flatnonzero(self.users.timeline.exists(refund["user"], moment)))

    # Strangers and machines.

    def _visits(self) -> Table:
        """People without an account, strangers and those who will sign up within a week; and users who logged out."""
        users, draw, day = self.users, self.streams, self.day
        when = self.company.date_of(day)
        growth = (self.known - self.company.users_by(day - 28)) / 28
        mean = 9 * growth * season(when) * (1.0 if when.weekday() < 5 else 0.8)
        visitor = np.arange(self.company.count(mean, "visits", day))
        # One in four or so has been here earlier in the week.
        face = draw.below(max(1, int(5 * mean)), "face", day, visitor)
        stranger = draw.bits("stranger", day // 7, face) | np.uint64(1)
        second = self._any_time("visit second", visitor)

        today = np.arange(self.company.users_by(day - 1), self.known)
        soon = np.arange(self.known, self.company.users_by(day + 7))
        soon = soon[draw.uniform("early visit", day, soon) < 0.25]
        early = self._any_time("early visit second", soon)

        logged_out = np.arange(self.company.count(mean / 8, "logged out", day))
        out = draw.below(max(1, self.company.users_by(day - 1)), "logged out user", day, logged_out)
        out_second = self._any_time("logged out second", logged_out)

        anonymous = np.concatenate([stranger, users.anonymous(today), users.anonymous(soon), users.anonymous(out)])
        clock = np.concatenate(
            [day * DAY + second, users.signup[today] - 420, day * DAY + early, day * DAY + out_second]
        )
        number = np.arange(len(anonymous))
        days = np.full(len(number), day)
        session = _session(STRANGER, days, number)
        chance = draw.bits("visit script", session)
        platform = pick([0.82, 0.09, 0.09], lane(chance, 0))
        client = self._client(number, days, platform, False)
        country = draw.choose([each.share for each in COUNTRIES], "visitor country", session)
        where = place(country, np.array([LANGUAGES.index(each.language) for each in COUNTRIES])[country])
        shared = {"anonymous": anonymous, "day": days, "client": client, "place": where}
        script = Script(draw, session, clock * 1000, shared)
        page = PAGE + (lane(chance, 1) ** 2 * (len(PAGES) - PAGE)).astype(np.int64)
        led = np.where(platform == WEB, (lane(chance, 3) * len(CAMPAIGNS)).astype(np.int64), 0)
        script.step("page_view", lane(chance, 0) < 2, (0, 1), page=page, campaign=led)
        script.step("search", lane(chance, 1) < 0.2, (4, 30), properties=QUERY)
        content = self._choose_content(draw.bits("choice", session), np.zeros(len(number), np.int64), days)
        script.step("content_view", lane(chance, 2) < 0.45, (5, 60), content=content)
        product = self._choose_product(lane(draw.bits("product", session), 0), days)
        script.step("product_view", lane(chance, 3) < 0.2, (5, 60), product=product)
        script.step("page_view", lane(chance, 2) > 0.6, (5, 60), page=PAGE + 1)
        return script.table()

    def _any_time(self, purpose: str, who: np.ndarray) -> np.ndarray:
        """int64: seconds of the day at which strangers come, at least ten minutes before midnight UTC."""
        quantile = (self.streams.uniform(purpose, self.day, who) * 1024).astype(np.int64)
        local = _MINUTE[WEEKENDER, quantile] * 60 + self.streams.uniform(f"{purpose} exact", self.day, who) * 600
        return ((local - self.company.utc_offset(self.day)[0]) % (DAY - 600)).astype(np.int64)

    def _bots(self) -> Table:
        """Crawlers: many pages, a second or two apart."""
        draw, day = self.streams, self.day
        crawl = np.arange(self.company.count(self.rates.bot_visits * self.company.scale, "bots", day))
        pages = 4 + draw.below(12, "bot pages", day, crawl)
        number = np.repeat(crawl, pages)
        page = np.arange(len(number)) - np.repeat(np.cumsum(pages) - pages, pages)
        days = np.full(len(number), day)
        key = _session(BOT, days, number) * np.uint64(64) + page.astype(np.uint64)
        begin = (draw.uniform("bot second", day, crawl) * (DAY - 60)).astype(np.int64)[number]
        what = draw.bits("bot page", key)
        at_product = lane(what, 0) < 0.4
        return table_of(
            len(number),
            event=np.where(at_product, EVENT["product_view"], EVENT["page_view"]),
            ts=(day * DAY + begin) * 1000 + page * 1700 + (lane(what, 2) * 900).astype(np.int64),
            anonymous=draw.bits("bot", day, number) | np.uint64(1),
            client=FIRST_BOT + draw.below(len(BOTS), "bot name", day, number),
            product=np.where(at_product, self._choose_product(lane(what, 1), days), -1),
            key=key,
            day=days,
            clean=True,
        )


def _session(source: int, day: np.ndarray, who: np.ndarray, number: np.ndarray | int = 0) -> np.ndarray:
    """uint64, unique: 17 bits for the day, 30 for who it is, 3 for the session's number; 6 are left for its steps."""
    return (source << 50 | (day << 30 | who) << 3 | number).astype(np.uint64)
