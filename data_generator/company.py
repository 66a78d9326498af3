"""The company: where its people live, how it grows, its calendar and its names.

Time inside the generator is counted from `start`, the company's first day on the platform: days as integers
(negative before `start`), moments as seconds since midnight UTC of `start`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from math import exp
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from dateutil.easter import easter
from faker import Faker

from data_generator.streams import Streams

DAY = 86_400
NEVER = 2**31 - 1
"""A moment that does not come (int32 seconds)."""
HISTORY_DAYS = 730
"""The company had been going for two years when it joined the platform."""
PROVIDERS = [f"faker.providers.{name}" for name in ("address", "company", "person")]
"""What we ask of Faker; it would import two dozen for each locale."""


class Country(NamedTuple):
    code: str
    share: float
    zone: str
    currency: str
    language: str
    locale: str


COUNTRIES = (
    Country("DE", 0.39, "Europe/Berlin", "EUR", "de", "de_DE"),
    Country("AT", 0.12, "Europe/Vienna", "EUR", "de", "de_AT"),
    Country("CH", 0.10, "Europe/Zurich", "CHF", "de", "de_CH"),
    Country("FR", 0.07, "Europe/Paris", "EUR", "fr", "fr_FR"),
    Country("NL", 0.06, "Europe/Amsterdam", "EUR", "nl", "nl_NL"),
    # Portugal, not Italy: Faker draws Italian towns from a set, whose order differs between processes.
    Country("PT", 0.05, "Europe/Lisbon", "EUR", "pt", "pt_PT"),
    Country("ES", 0.05, "Europe/Madrid", "EUR", "es", "es_ES"),
    Country("GB", 0.08, "Europe/London", "GBP", "en", "en_GB"),
    Country("US", 0.08, "America/New_York", "USD", "en", "en_US"),
)
CURRENCIES = ("EUR", "CHF", "GBP", "USD")
LANGUAGES = ("de", "en", "fr", "nl", "pt", "es")

_MONTHS = (1.16, 1.08, 1.03, 0.99, 0.96, 0.92, 0.86, 0.87, 1.00, 1.05, 1.08, 0.97)
"""New year's resolutions, the long summer, the autumn return."""


def season(day: date) -> float:
    """How busy the app is on `day`, as a factor around 1: months and the holidays of the home market."""
    from_easter = (day - easter(day.year)).days
    fixed = (day.month, day.day) in {(1, 1), (5, 1), (10, 3), (12, 24), (12, 25), (12, 26), (12, 31)}
    quiet = 0.65 if fixed or from_easter in (-2, 0, 1, 39, 50) else 1.0
    return _MONTHS[day.month - 1] * quiet


def shopping(day: date) -> float:
    """How much more the shop sells on `day`: the week of Black Friday, then Advent."""
    first = date(day.year, 11, 1)
    black_friday = first + timedelta(days=(4 - first.weekday()) % 7 + 21)
    if -4 <= (day - black_friday).days <= 3:
        return 2.5
    return 1.5 if day.month == 12 and day.day < 22 else 1.0


@dataclass(frozen=True)
class NamePool:
    """Names and addresses of one country."""

    first: list[str]
    last: list[str]
    streets: list[str]
    towns: list[tuple[str, str]]


@cache
def name_pools(seed: int) -> tuple[NamePool, ...]:
    """One for each of COUNTRIES. Faker takes a seventh of a second for them."""
    pools = []
    for number, country in enumerate(COUNTRIES):
        fake = Faker(country.locale, providers=PROVIDERS)
        fake.seed_instance(seed * 1000 + number)
        pools.append(
            NamePool(
                first=[fake.first_name() for _ in range(150)],
                last=[fake.last_name() for _ in range(150)],
                streets=[fake.street_name() for _ in range(150)],
                towns=[(fake.postcode(), fake.city()) for _ in range(100)],
            )
        )
    return tuple(pools)


@cache
def phrases(seed: int) -> tuple[str, ...]:
    """For titles of content and names of products."""
    fake = Faker("en_US", providers=PROVIDERS)
    fake.seed_instance(seed)
    return tuple(fake.catch_phrase() for _ in range(400))


class Company:
    """What is true of the company as a whole: size, growth, names. Users live in `lives`, the catalogue in `catalogue`.

    Raises ValueError for a scale that is not positive.
    """

    def __init__(self, seed: int, scale: float, start: date) -> None:
        if not scale > 0:
            raise ValueError(f"scale must be greater than 0, got {scale}: set GENERATOR_SCALE (or --scale) to 1 or so")
        self.seed = seed
        self.scale = scale
        self.start = start
        self.streams = Streams(seed)
        self._joined = np.zeros(1, dtype=np.int64)

    def date_of(self, day: int) -> date:
        return self.start + timedelta(days=day)

    @cached_property
    def epoch(self) -> int:
        """Unix seconds of midnight UTC of `start`."""
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp())

    def joined(self, day: int) -> np.ndarray:
        """Users who had joined by the end of each day from -HISTORY_DAYS to at least `day`: int64, cumulative.

        Growth saturates, so that the company of year thirty is not a million times that of year one.
        """
        days = day + HISTORY_DAYS + 1
        if len(self._joined) < days:
            days = days + 64  # in blocks, because users are computed once for a block of days
            rates = np.array([self._signup_rate(offset - HISTORY_DAYS) for offset in range(days)])
            self._joined = np.floor(np.cumsum(rates) * self.scale).astype(np.int64)
        return self._joined

    def users_by(self, day: int) -> int:
        """How many users had joined by the end of `day` (0 before the company's own beginning)."""
        return int(self.joined(day)[day + HISTORY_DAYS]) if day >= -HISTORY_DAYS else 0

    def count(self, mean: float, purpose: str, day: int) -> int:
        """`mean`, rounded up or down by chance so that its average is exact."""
        return int(mean + self.streams.uniform(f"count {purpose}", day))

    def utc_offset(self, day: int) -> np.ndarray:
        """Seconds east of UTC at noon of `day`, one per country: int64."""
        noon = datetime.fromtimestamp(self.epoch + day * DAY + DAY // 2, UTC)
        return np.array([noon.astimezone(ZoneInfo(c.zone)).utcoffset() // timedelta(seconds=1) for c in COUNTRIES])

    @property
    def names(self) -> tuple[NamePool, ...]:
        """One pool for each of COUNTRIES."""
        return name_pools(self.seed)

    @property
    def phrases(self) -> tuple[str, ...]:
        """For titles of content and names of products."""
        return phrases(self.seed)

    def _signup_rate(self, day: int) -> float:
        """New users per day at scale 1."""
        when = self.date_of(day)
        growth = 0.40 + 4.0 / (1 + exp(-(day - 150) / 260))
        weekday = (1.05, 1.08, 1.05, 1.0, 0.95, 0.9, 1.0)[when.weekday()]
        noise = 0.85 + 0.3 * float(self.streams.uniform("signup noise", day + HISTORY_DAYS))
        return growth * weekday * season(when) * noise
