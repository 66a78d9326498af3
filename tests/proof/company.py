"""What lands in a proof: a few days of a few events and change records, as small as a counterexample should be.

Moments are written as day number and time, "2 23:50"; day 1 is `FIRST`. Everything prints as the code that makes it.
"""

import csv
import dataclasses
import datetime
import gzip
import io
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import rich.repr
from upath import UPath

from data_generator.rates import Lags, Rates
from data_generator.service import generate_day
from tests.dbt.helpers import COLUMNS, DAY, FIRST, day

SYNTHETIC = {
    "scale": 0.02,
    "start": FIRST,
    "rates": Rates(
        **dict.fromkeys(("malformed_json", "missing_value", "unknown_event_type"), 0.02),
        **dict.fromkeys(("unparsable_timestamp", "future_timestamp", "ancient_timestamp"), 0.02),
        wrong_case=0.1,
        duplicate_same_day=0.1,
        late=Lags(share=0.3, first=1, last=5),
        again=Lags(share=0.5, first=1, last=4),
        again_events=0.7,
        csv_column_count=0.05,
        csv_wrong_case=0.1,
    ),
}
SYNTHETIC_USER = "u_1000"  # one of the synthetic company's users, whose history a change by hand may rewrite

USERS = [
    {"country": "DE", "plan": "free", "email": "a@example.org"},
    {"country": "FR", "plan": "free", "email": "a@example.org"},
    {"country": "DE", "plan": "free", "email": "b@example.org"},  # differs from the first for the personal data only
    {"country": "AT", "plan": "pro", "email": "a@example.org"},
]
ATTRIBUTES = {
    "users": USERS,
    "products": [
        {"name": "mug", "price": price, "currency": "EUR", "category": category}
        for price, category in (("9.90", "kitchen"), ("12.00", "kitchen"), ("14.50", "gifts"), ("9.9", "kitchen"))
    ],
    "content": [
        {"content_type": "book_text", "title": title, "topic": topic}
        for title, topic in (("First", "history"), ("Second", "history"), ("Third", "science"), ("first", "science"))
    ],
    "creators": [{"name": name, "country": "DE"} for name in ("Ada", "Grace", "Edith", "ada")],
}
KEYS = {"users": "user_id", "products": "product_id", "content": "content_id", "creators": "creator_id"}


@rich.repr.auto
class Shown:
    """Prints as the code that makes it: only what differs from defaults; what has none by its position."""

    def __rich_repr__(self) -> rich.repr.Result:
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if field.default is dataclasses.MISSING and not isinstance(value, tuple):
                yield value
            else:
                yield field.name, value, field.default


@dataclass(frozen=True, repr=False)
class Event(Shown):
    """Events of an actor: a user "u_1", a visitor "a_1", or both, "u_1+a_1".

    `times` events of it follow each other by 30 minutes, which makes a long session of them. `session` is the
    producer's; where the source is "site", it makes the session.
    """

    event_id: str
    actor: str
    at: str
    kind: str = "page_view"
    content: str = ""
    product: str = ""
    platform: str = "web"
    bot: bool = False
    times: int = 1
    source: str = "app"
    session: str = ""


@dataclass(frozen=True, repr=False)
class Change(Shown):
    """A change record of one of `ATTRIBUTES`; `value` numbers what its attributes are then, None deletes."""

    thing: str
    id: str
    at: str
    value: int | None = 0
    source: str = "app"


@dataclass(frozen=True, repr=False)
class Member(Shown):
    """A row of a full extract of users; `value` numbers what its attributes are, None marks a deleted one.

    Without an id the row is held back, and so the extract is not whole.
    """

    id: str
    at: str = ""
    value: int | None = 0


@dataclass(frozen=True, repr=False)
class Day(Shown):
    """What lands on a day. `synthetic`: of the synthetic company's files the whole, half of the lines, or nothing.

    `members` is a full extract, or None where there is none that day.
    """

    events: tuple[Event, ...] = ()
    changes: tuple[Change, ...] = ()
    synthetic: str = "nothing"
    members: tuple[Member, ...] | None = None


@dataclass(frozen=True, repr=False)
class Company(Shown):
    """What has landed at first, day by day."""

    days: tuple[Day, ...]
    seed: int = 1

    @property
    def numbers(self) -> range:
        return range(1, len(self.days) + 1)


def land(landing: Path, number: int, content: Day, seed: int) -> None:
    """Write a day's files anew. The same content gives the same bytes."""
    for source in ("app", "podcast", "site", "forum"):
        shutil.rmtree(landing / source / str(day(number)), ignore_errors=True)
    files = _synthetic(seed, number, content.synthetic) | _app(content) | _podcast(content) | _site(content)
    files |= _forum(content)
    for name, body in files.items():
        source, _, file = name.partition("/")
        path = landing / source / str(day(number)) / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)


def moment(at: str) -> datetime.datetime:
    """The UTC moment of "2 23:50", without a zone."""
    found = re.fullmatch(r"(-?\d+) (\d\d):(\d\d)", at)
    if found is None:
        raise ValueError(f"{at!r} is no moment; write the number of the day and the time, like '2 23:50'")
    number, hours, minutes = map(int, found.groups())
    return datetime.datetime.combine(day(number), datetime.time(hours, minutes))  # noqa: DTZ001


@cache
def _synthetic(seed: int, number: int, share: str) -> dict[str, bytes]:
    if share == "nothing":
        return {}
    with TemporaryDirectory() as folder:
        generate_day(UPath(folder), day(number), seed=seed, **SYNTHETIC)
        files = {
            f"app/{path.name}": path.read_bytes()
            for path in (Path(folder) / "app" / str(day(number))).iterdir()
            if not path.name.startswith("_")
        }
    if share == "half":
        return {name: _half(name, body) for name, body in files.items()}
    return files


def _half(name: str, body: bytes) -> bytes:
    """Every other line, the first included: a header stays."""
    if name.endswith(".gz"):
        return _zip(_half("", gzip.decompress(body)))
    return b"".join(body.splitlines(keepends=True)[::2])


def _app(content: Day) -> dict[str, bytes]:
    events = [event for event in content.events if event.source == "app"]
    changes = [change for change in content.changes if change.source == "app"]
    files = {}
    if events:
        files["app/events-web-more.ndjson.gz"] = _zip(_ndjson(line for event in events for line in _app_lines(event)))
    for thing, key in KEYS.items():
        records = [
            {
                key: change.id,
                "changed_at": f"{moment(change.at).isoformat()}Z",
                "op": "delete" if change.value is None else "upsert",
                **({} if change.value is None else ATTRIBUTES[thing][change.value]),
            }
            for change in changes
            if change.thing == thing
        ]
        if records:
            files[f"app/{thing}.csv.gz"] = _zip(_csv(COLUMNS[thing].split(), records))
    if not files and content.synthetic == "nothing":
        files["app/_EMPTY"] = b""
    return files


def _app_lines(event: Event) -> Iterable[dict]:
    user, anonymous = _actor(event)
    for number in range(event.times):
        line = {
            "event_id": event.event_id if event.times == 1 else f"{event.event_id}.{number}",
            "event": event.kind,
            "ts": f"{(moment(event.at) + number * datetime.timedelta(minutes=30)).isoformat()}Z",
            "user_id": user,
            "anonymous_id": anonymous,
            "session_id": event.session,
            "platform": event.platform,
            "content_id": event.content,
            "product_id": event.product,
            "user_agent": "Googlebot/2.1" if event.bot else "",
            **({"amount": 9.9, "currency": "EUR"} if event.kind == "purchase" else {}),
            **({"utm_source": event.content} if event.kind == "page_view" else {}),
        }
        yield {key: value for key, value in line.items() if value}


def _site(content: Day) -> dict[str, bytes]:
    events = [event for event in content.events if event.source == "site"]
    return {"site/events.ndjson": _ndjson(line for event in events for line in _app_lines(event))} if events else {}


def _forum(content: Day) -> dict[str, bytes]:
    if content.members is None:
        return {}
    records = [
        {
            "id": member.id,
            "updated_at": member.at and f"{moment(member.at).isoformat()}Z",
            "state": "removed" if member.value is None else "active",
            **({} if member.value is None else USERS[member.value]),
        }
        for member in content.members
    ]
    return {"forum/members.csv": _csv(["id", "updated_at", "state", "country", "plan", "email"], records)}


def _podcast(content: Day) -> dict[str, bytes]:
    """Events without ids, and users as the podcast's export tells of them: with a date, and never deleted."""
    events = [event for event in content.events if event.source == "podcast"]
    users = [change for change in content.changes if change.source == "podcast"]
    files = {}
    if events:
        lines = (
            {
                "event_type": "complete" if event.kind == "content_complete" else "play",
                "user_id": _actor(event)[0] or "user_1",
                "episode_id": event.content or "ep_1",
                "timestamp": (moment(event.at) + number * datetime.timedelta(minutes=30)).isoformat(),
                "duration": 60,
            }
            for event in events
            for number in range(event.times)
        )
        files["podcast/event_logs.json"] = _ndjson(lines)
    if users:
        records = [
            {
                "user_id": change.id,
                "signup_date": moment(change.at).date().isoformat(),
                "country": USERS[change.value or 0]["country"],
            }
            for change in users
        ]
        files["podcast/users.csv"] = _csv(["user_id", "signup_date", "country"], records)
    return files


def _actor(event: Event) -> tuple[str, str]:
    """User id and anonymous id; "" for what is not there."""
    user, _, anonymous = event.actor.partition("+")
    return ("", user) if user.startswith("a_") else (user, anonymous)


def _ndjson(lines: Iterable[dict]) -> bytes:
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _csv(columns: list[str], records: list[dict]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.DictWriter(made, columns, restval="")
    writer.writeheader()
    writer.writerows(records)
    return made.getvalue().encode()


def _zip(body: bytes) -> bytes:
    return gzip.compress(body, mtime=0)


__all__ = ["DAY", "FIRST", "SYNTHETIC_USER", "Change", "Company", "Day", "Event", "Member", "day", "land", "moment"]
