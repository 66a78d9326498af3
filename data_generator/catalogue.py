"""Creators, the content they make and the products they sell, with their change records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data_generator.company import COUNTRIES, DAY, HISTORY_DAYS, LANGUAGES, NEVER, Company
from data_generator.streams import lane
from data_generator.timeline import Timeline, moments

CREATOR_TYPES = ("author", "podcaster", "teacher")
CATEGORIES = ("course", "ebook", "audiobook", "merchandise", "workshop")
TOPICS = ("habits", "leadership", "history", "health", "science", "languages", "money", "parenting")
BOOK_TEXT, BOOK_AUDIO, PODCAST = range(3)
CONTENT_TYPES = ("book_text", "book_audio", "podcast_episode")

_PRICES = np.array([4900, 1290, 1790, 1490, 8900])
_PRICE_STEPS = np.array([1.0, 1.1, 0.95, 1.15])


@dataclass(frozen=True)
class Kind:
    """How a kind of thing grows (number at the start and per day, at scale 1) and changes."""

    at_start: float
    per_day: float
    slots: int
    change_days: float
    deleted_share: float


CREATORS = Kind(at_start=40, per_day=0.02, slots=1, change_days=900, deleted_share=0.03)
CONTENT = Kind(at_start=260, per_day=0.55, slots=1, change_days=500, deleted_share=0.04)
PRODUCTS = Kind(at_start=60, per_day=0.05, slots=3, change_days=160, deleted_share=0.12)


class Catalogue:
    """The catalogue as of the end of `day`. It grows with the square root of the scale."""

    def __init__(self, company: Company, day: int) -> None:
        self.company = company
        self.streams = company.streams
        self.day = day
        self.growth = company.scale**0.5
        self.creators = self._timeline(CREATORS, "creator")
        self.content = self._timeline(CONTENT, "content")
        self.products = self._timeline(PRODUCTS, "product")

    # The number of things is a closed form of the day, and so is the day of each thing.

    def count(self, kind: Kind, day: np.ndarray | int) -> np.ndarray:
        """How many exist by the end of `day`; at least 4, all of them there from the beginning."""
        first = max(4.0, kind.at_start * self.growth)
        before = first * np.clip((np.asarray(day) + HISTORY_DAYS) / HISTORY_DAYS, 0.0, 1.0)
        after = np.clip(np.asarray(day) + 1, 0, None) * kind.per_day * self.growth
        return np.maximum(4, np.floor(before + after)).astype(np.int64)

    def _timeline(self, kind: Kind, purpose: str) -> Timeline:
        days = np.arange(-HISTORY_DAYS, self.day + 1)
        count = self.count(kind, days)
        thing = np.arange(count[-1])
        second = self.streams.below(DAY // 2, f"{purpose} created", thing) + DAY // 4
        created = (np.searchsorted(count, thing, side="right") - HISTORY_DAYS) * DAY + second
        changes = [created]
        for slot in range(kind.slots):
            gap = self.streams.exponential(kind.change_days * DAY, f"{purpose} change", thing, slot)
            changes.append(changes[-1] + DAY + gap.astype(np.int64))
        # Only odd numbers are ever deleted. A choice that falls on a deleted one takes its even neighbour instead.
        mortal = (thing % 2 == 1) & (self.streams.uniform(f"{purpose} mortal", thing) < 2 * kind.deleted_share)
        life = self.streams.exponential(400 * DAY, f"{purpose} life", thing).astype(np.int64) + 30 * DAY
        return Timeline(
            changes=moments(np.stack(changes, axis=1)),
            deleted=moments(np.where(mortal, created + life, NEVER)),
            returned=np.full(len(thing), NEVER, dtype=np.int32),
        )

    def surviving(self, timeline: Timeline, things: np.ndarray, day: np.ndarray) -> np.ndarray:
        """`things`, with the even neighbour for each that is deleted by the end of the day after `day`."""
        return np.where(timeline.deleted[things] < (day + 2) * DAY, things & ~1, things)

    # What the things are.

    @cached_property
    def content_creator(self) -> np.ndarray:
        known = self.count(CREATORS, self.content.created // DAY - 1)
        bits = self.streams.bits("content creator", np.arange(len(known)))
        return (bits % known.astype(np.uint64)).astype(np.int32)

    @cached_property
    def content_type(self) -> np.ndarray:
        return self.streams.choose([0.27, 0.25, 0.48], "content type", np.arange(len(self.content.created)))

    @cached_property
    def content_language(self) -> np.ndarray:
        """Index into LANGUAGES; a creator works in one language."""
        return self.streams.choose([0.5, 0.3, 0.08, 0.05, 0.04, 0.03], "creator language", self.content_creator)

    @cached_property
    def content_seconds(self) -> np.ndarray:
        """How long it takes to read or listen to the whole: int64."""
        spread = self.streams.uniform("content length", np.arange(len(self.content.created)))
        low = np.array([3 * 3600, 4 * 3600, 700])[self.content_type]
        high = np.array([9 * 3600, 11 * 3600, 3300])[self.content_type]
        return (low + (high - low) * spread**1.5).astype(np.int64)

    @cached_property
    def product_category(self) -> np.ndarray:
        return self.streams.choose([0.3, 0.25, 0.2, 0.15, 0.1], "category", np.arange(len(self.products.created)))

    def price(self, products: np.ndarray, moment: np.ndarray) -> np.ndarray:
        """Cents (EUR) at `moment`: int32."""
        version = (self.products.changes[products, 1:] <= np.reshape(moment, (-1, 1))).sum(axis=1)
        spread = 0.6 + lane(self.streams.bits("price", products), 0)
        base = np.round(_PRICES[self.product_category[products]] * spread / 100) * 100 - 1
        return np.round(base * _PRICE_STEPS[version]).astype(np.int32)

    # Rows of the extracts: one list per column, without the leading id, changed_at and op.

    def creator_rows(self, creators: np.ndarray, moment: np.ndarray) -> list[list]:
        """name, country, creator_type"""
        version = (self.creators.changes[creators, 1:] <= moment[:, None]).sum(axis=1)
        country = self.streams.choose([c.share for c in COUNTRIES], "creator country", creators, version)
        bits = self.streams.bits("creator name", creators)
        names = [
            f"{pool.first[int(b) % 150]} {pool.last[(int(b) >> 16) % 150]}"
            for pool, b in zip((self.company.names[int(b) % 5] for b in bits), bits, strict=True)
        ]
        kind = self.streams.below(len(CREATOR_TYPES), "creator type", creators)
        return [names, [COUNTRIES[c].code for c in country], [CREATOR_TYPES[k] for k in kind]]

    def content_rows(self, content: np.ndarray, moment: np.ndarray) -> list[list]:
        """content_type, title, series_id, creator_id, language, topic, duration_seconds, word_count, released_at"""
        retitled = (self.content.changes[content, 1] <= moment).tolist()
        kinds = self.content_type[content].tolist()
        phrase = self.streams.below(len(self.company.phrases), "title", content).tolist()
        creator = self.content_creator[content]
        topic = self.streams.below(len(TOPICS), "creator topic", creator).tolist()
        seconds = self.content_seconds[content].tolist()
        titles = []
        for number, words, kind, new in zip(content.tolist(), phrase, kinds, retitled, strict=True):
            title = self.company.phrases[words]
            if kind == PODCAST:
                title = f"#{number}: {title}"
            titles.append(f"{title}, revised" if new else title)
        return [
            [CONTENT_TYPES[kind] for kind in kinds],
            titles,
            [f"s_{c}" if kind == PODCAST else "" for c, kind in zip(creator.tolist(), kinds, strict=True)],
            [f"cr_{c}" for c in creator.tolist()],
            [LANGUAGES[code] for code in self.content_language[content]],
            [TOPICS[t] for t in topic],
            ["" if kind == BOOK_TEXT else s for s, kind in zip(seconds, kinds, strict=True)],
            [s * 4 if kind == BOOK_TEXT else "" for s, kind in zip(seconds, kinds, strict=True)],
            np.datetime_as_string(
                (self.content.created[content] + self.company.epoch).astype("datetime64[s]"), timezone="UTC"
            ).tolist(),
        ]

    def product_rows(self, products: np.ndarray, moment: np.ndarray) -> list[list]:
        """name, category, price, currency, creator_id"""
        phrase = self.streams.below(len(self.company.phrases), "product name", products).tolist()
        known = self.count(CREATORS, self.products.created[products] // DAY - 1)
        creator = (self.streams.bits("product creator", products) % known.astype(np.uint64)).tolist()
        return [
            [self.company.phrases[words] for words in phrase],
            [CATEGORIES[c] for c in self.product_category[products]],
            [f"{cents / 100:.2f}" for cents in self.price(products, moment).tolist()],
            ["EUR"] * len(products),
            [f"cr_{c}" for c in creator],
        ]
