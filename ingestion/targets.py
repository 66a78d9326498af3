"""The raw tables that a contract can fill: their canonical columns, and what each kind of column holds.

`sql/ddl/02_raw.sql` defines the tables; a test holds the two against each other.
"""

import datetime
from dataclasses import dataclass

# Where a row comes from; set by the loader, never by a contract.
ARRIVAL = ("load_date", "file_no", "line_no", "source")

# Kinds of columns
ID = "id"  # text; the contract's namespace is put before it
TEXT = "text"
TIMESTAMP = "timestamp"
NUMBER = "number"  # numeric(precision, scale): see LIMITS
INTEGER = "integer"
OPERATION = "operation"  # upsert or delete
PROPERTIES = "properties"  # a JSON object; takes every field that the contract maps nowhere else

# The absolute value from which a number does not fit its column any more, rounding included.
LIMITS = {
    "duration_seconds": 999_999_999.999,
    "amount": 999_999_999_999.99,
    "price": 999_999_999_999.99,
    "word_count": 2**31 - 1,
}

LONGEST_ID = 400  # bytes; a few ids must fit one entry of an index together

EVENT_TYPES = frozenset(
    {
        *("sign_up", "onboarding_step", "onboarding_complete", "login"),
        *("trial_start", "subscription_start", "subscription_renew", "subscription_cancel"),
        *("app_open", "page_view", "search", "experiment_view"),
        *("content_view", "content_start", "content_progress", "content_pause", "content_seek", "content_complete"),
        *("post_create", "comment_create", "like"),
        *("product_view", "cart_add", "checkout_start", "purchase", "refund"),
    }
)


@dataclass(frozen=True)
class Target:
    """One raw table.

    Attributes:
        columns: canonical column to kind, in the order in which COPY sends them (after ARRIVAL).
        required: the columns without which a row means nothing; here a contract must say where they come from.
        moment: the timestamp that must lie between the contract's `earliest` and the day after the load day.
        key: with `source`, what makes two rows the same thing said twice.
    """

    name: str
    columns: dict[str, str]
    required: tuple[str, ...]
    moment: str
    key: tuple[str, ...]

    @property
    def copy_columns(self) -> tuple[str, ...]:
        """All columns of the table, in the order in which COPY sends them."""
        return (*ARRIVAL, *self.columns)


TARGETS = {
    target.name: target
    for target in (
        Target(
            name="user_events",
            columns={
                "event_id": TEXT,
                "actor_id": ID,
                "user_id": ID,
                "anonymous_id": ID,
                "event_type": TEXT,
                "event_ts": TIMESTAMP,
                "platform": TEXT,
                "app_version": TEXT,
                "user_agent": TEXT,
                "content_id": ID,
                "product_id": ID,
                "duration_seconds": NUMBER,
                "amount": NUMBER,
                "currency": TEXT,
                "properties": PROPERTIES,
            },
            required=("event_type", "event_ts"),  # and an actor; an event without an id gets the hash of its content
            moment="event_ts",
            key=("event_id",),
        ),
        Target(
            name="user_changes",
            columns={
                "user_id": ID,
                "changed_at": TIMESTAMP,
                "op": OPERATION,
                "email": TEXT,
                "full_name": TEXT,
                "street": TEXT,
                "postal_code": TEXT,
                "city": TEXT,
                "country": TEXT,
                "language": TEXT,
                "device": TEXT,
                "plan": TEXT,
                "acquisition_channel": TEXT,
                "signup_at": TIMESTAMP,
                "properties": PROPERTIES,
            },
            required=("user_id", "changed_at", "op"),
            moment="changed_at",
            key=("user_id", "changed_at"),
        ),
        Target(
            name="product_changes",
            columns={
                "product_id": ID,
                "changed_at": TIMESTAMP,
                "op": OPERATION,
                "name": TEXT,
                "category": TEXT,
                "price": NUMBER,
                "currency": TEXT,
                "creator_id": ID,
                "properties": PROPERTIES,
            },
            required=("product_id", "changed_at", "op"),
            moment="changed_at",
            key=("product_id", "changed_at"),
        ),
        Target(
            name="content_changes",
            columns={
                "content_id": ID,
                "changed_at": TIMESTAMP,
                "op": OPERATION,
                "content_type": TEXT,
                "title": TEXT,
                "series_id": TEXT,
                "creator_id": ID,
                "language": TEXT,
                "topic": TEXT,
                "duration_seconds": NUMBER,
                "word_count": INTEGER,
                "released_at": TIMESTAMP,
                "properties": PROPERTIES,
            },
            required=("content_id", "changed_at", "op"),
            moment="changed_at",
            key=("content_id", "changed_at"),
        ),
        Target(
            name="creator_changes",
            columns={
                "creator_id": ID,
                "changed_at": TIMESTAMP,
                "op": OPERATION,
                "name": TEXT,
                "country": TEXT,
                "creator_type": TEXT,
                "properties": PROPERTIES,
            },
            required=("creator_id", "changed_at", "op"),
            moment="changed_at",
            key=("creator_id", "changed_at"),
        ),
    )
}

# The targets that hold the changes of things; the other one holds events.
CHANGES = tuple(target for target in TARGETS.values() if target.name != "user_events")


def staging_table(target: str, load_date: datetime.date | None = None) -> str:
    """The name of a raw table's staging table, in the schema raw.

    Events have one for each `load_date`, which becomes a partition; changes, which are few, have one for all days.
    """
    return f"user_events__{load_date:%Y%m%d}" if target == "user_events" else f"{target}__staged"
