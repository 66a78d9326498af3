"""What a company landed, read a second time with pandas: the ground of every second computation of a number.

Nothing here looks at the loader's code, at dbt or at the warehouse.
"""

import datetime
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from data_generator.vocabulary import ACTIVITY, EVENT
from tests.data_generator.naive import is_bot, read_day

CUSTOM = {"bookmark_add", "quiz_answer", "push_receive"}
KEYS = {"users": "user_id", "products": "product_id", "content": "content_id", "creators": "creator_id"}


@dataclass(frozen=True, eq=False)  # one is as another only if it is the same: what is computed of it can be kept
class Landed:
    """All that arrived, whatever the day, each thing once.

    `events`: one row per event, in order of time; the landed fields, and `event_type`, `event_name`, `at` (UTC), `date`
    (reporting day), `landed` (load day), `person`, `is_bot`, `is_activity`, `properties` (dict).
    `users`, `products`, `content`, `creators`: change records in order of time; `changed_at` is UTC, the rest is text.
    """

    zone: ZoneInfo
    week_starts_on: str
    events: pd.DataFrame
    users: pd.DataFrame
    products: pd.DataFrame
    content: pd.DataFrame
    creators: pd.DataFrame
    folder: Path

    @property
    def people(self) -> pd.DataFrame:
        """The events without those of bots."""
        return self.events[~self.events.is_bot]

    @property
    def activity(self) -> pd.DataFrame:
        """What people did themselves."""
        return self.events[~self.events.is_bot & self.events.is_activity]

    @property
    def dates(self) -> list[datetime.date]:
        """Each reporting day from the first event to the last, of bots, too."""
        first, last = self.events.date.min(), self.events.date.max()
        return [first + datetime.timedelta(days=number) for number in range((last - first).days + 1)]

    def date_of(self, moment: datetime.datetime) -> datetime.date:
        return moment.astimezone(self.zone).date()

    def start_of(self, period: str, date: datetime.date) -> datetime.date:
        """The first day of the `day`, `week` or `month` in which a date lies."""
        if period == "week":
            since = date.weekday() if self.week_starts_on == "monday" else (date.weekday() + 1) % 7
            return date - datetime.timedelta(days=since)
        return date.replace(day=1) if period == "month" else date

    def state(self, kind: str, thing: str | None, moment: datetime.datetime) -> dict:
        """What is known of a user, product, piece of content or creator at a moment; {} when nothing is.

        What is known first held before, too. A thing that was deleted is not known until it comes back.
        """
        times, records = self._histories(kind).get(thing, ([], []))
        number = max(sum(time <= moment for time in times), 1)
        return {} if not records or records[number - 1]["op"] == "delete" else records[number - 1]

    def _histories(self, kind: str) -> dict[str, tuple[list, list]]:
        cached = self.__dict__.setdefault("_cache", {})
        if kind not in cached:
            changes = getattr(self, kind)
            cached[kind] = {
                thing: (list(rows.changed_at), rows.to_dict("records")) for thing, rows in changes.groupby(KEYS[kind])
            }
        return cached[kind]


def read(folder: Path, zone: str, week_starts_on: str) -> Landed:
    """Read all days of a landing folder, as the company's description says they are written."""
    events: dict[str, dict] = {}
    changes: dict[str, list[dict]] = {kind: [] for kind in KEYS}
    for day in sorted(path for path in (folder / "app").iterdir() if path.is_dir()):
        for name, file in sorted(read_day(day).items()):
            kind = name.split(".")[0]
            if kind in KEYS:
                changes[kind] += file.loaded
            elif name.startswith("events-"):
                for event in file.loaded:
                    events.setdefault(event["event_id"], event)  # the first arrival of an event counts
    return Landed(
        ZoneInfo(zone),
        week_starts_on,
        _events(list(events.values()), ZoneInfo(zone)),
        **{kind: _changes(records, KEYS[kind]) for kind, records in changes.items()},
        folder=folder,
    )


def _events(told: list[dict], zone: ZoneInfo) -> pd.DataFrame:
    names = {name for event in told for name in event} - {"raw", "ts", "event", "type"}
    rows = []
    for event in sorted(told, key=lambda event: (event["at"], event["event_id"])):
        rows.append(
            {name: event.get(name) for name in names}
            | {
                "event_type": "custom" if event["type"] in CUSTOM else event["type"],
                "event_name": event["type"],
                "at": event["at"].astimezone(datetime.UTC),
                "date": event["at"].astimezone(zone).date(),
                "is_bot": is_bot(event),
                "is_activity": bool(ACTIVITY[EVENT[event["type"]]]),
                "properties": event.get("properties") or {},
                "platform": (event.get("platform") or "").lower() or None,
                "country": (event.get("country") or "").upper() or None,
                "currency": (event.get("currency") or "").upper() or None,
            }
        )
    frame = pd.DataFrame(rows, dtype=object)
    frame["person"] = _people(rows)
    return frame.astype({"is_bot": bool, "is_activity": bool})


def _people(rows: list[dict]) -> list[str]:
    """Whose each event is: the user's, else the one's who is seen next with the visitor id, else last, else its own."""
    logins: dict[str, list[tuple]] = {}
    for row in rows:
        if row["user_id"] and row["anonymous_id"] and not row["is_bot"]:
            logins.setdefault(row["anonymous_id"], []).append((row["at"], row["user_id"]))
    for seen in logins.values():
        seen.sort()  # of two users at the same time the smaller id counts
    owners = []
    for row in rows:
        user = row["user_id"]
        if not user:
            seen = logins.get(row["anonymous_id"], [])
            following = [one for time, one in seen if time >= row["at"]]
            user = following[0] if following else seen[-1][1] if seen else None
        owners.append(f"user:{user}" if user else f"visitor:{row['anonymous_id']}")
    return owners


def _changes(records: list[dict], key: str) -> pd.DataFrame:
    """In order of time; of records of one moment the first that arrived counts, and comes alone."""
    frame = pd.DataFrame(records, dtype=object)
    frame["changed_at"] = [datetime.datetime.fromisoformat(time).astimezone(datetime.UTC) for time in frame.changed_at]
    frame["op"] = frame.op.str.lower()
    return frame.drop_duplicates([key, "changed_at"], keep="first").sort_values("changed_at", kind="stable")
