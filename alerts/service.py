"""One message for each cause, and one when it is overcome. What was said is remembered in `ops.alert`."""

import logging
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from psycopg2.extensions import connection as Connection

from alerts.channel import Channel, NotSent
from alerts.messages import OVERDUE, Alert, overdue
from ingestion.statements import statement
from ingestion.warehouse import ConfigurationError, Warehouse

log = logging.getLogger(__name__)
SQL = Path(__file__).parent / "sql"
MOST_AN_HOUR = 10  # messages about new causes; what is above that waits
RECOVERED = "Over: "


def report(warehouse: Warehouse, channel: Channel, alert: Alert) -> bool:
    """Remember an alert, and send it unless its cause is known already; gives whether it was sent.

    A message that could not be sent is said again by the next `watch`.
    """
    with closing(warehouse.connect()) as connection:
        return _say(connection, channel, _remember(connection, alert, datetime.now(UTC)))


def watch(warehouse: Warehouse, channel: Channel, *, due_at: time | None, now: datetime | None = None) -> list[str]:
    """Look for days that are overdue and for causes that are overcome, and send what is unsaid; gives the titles sent.

    Args:
        due_at: the time of day, UTC, at which the day before is to be in the marts; None: days are never overdue.
    """
    now = now or datetime.now(UTC)
    said = []
    with closing(warehouse.connect()) as connection:
        if due_at is not None and (days := _overdue(connection, due_at, now)):
            _remember(connection, overdue(days, due_at), now)
        for alert_id, title in _rows(connection, "unsaid", now=now):
            if _say(connection, channel, alert_id):
                said.append(title)
    return said + say_recoveries(warehouse, channel)


def say_recoveries(warehouse: Warehouse, channel: Channel) -> list[str]:
    """Close the alerts whose days have come into the marts since, and say so once; gives the titles."""
    with closing(warehouse.connect()) as connection:
        return _close(connection, channel, _rows(connection, "overcome"))


def say_recovery_of(warehouse: Warehouse, channel: Channel, start: str) -> list[str]:
    """Close the alerts whose cause begins so, such as `maintenance.clean:`, and say so once; gives the titles."""
    with closing(warehouse.connect()) as connection:
        return _close(connection, channel, _rows(connection, "open_since", start=start))


def due_at(environ: Mapping[str, str]) -> time | None:
    """`DAY_DUE_AT`, a time of day (UTC); None when it is `off` or not set. Raises `ConfigurationError`."""
    text = environ.get("DAY_DUE_AT") or "off"
    try:
        return None if text == "off" else time.fromisoformat(text)
    except ValueError:
        raise ConfigurationError(
            f"DAY_DUE_AT={text} is no time of day.\nRemedy: write it as 06:00 (UTC), or off: no day is ever overdue."
        ) from None


def _overdue(connection: Connection, due_at: time, now: datetime) -> list[date]:
    last = now.date() - timedelta(days=1 if now.time() >= due_at else 2)
    return [day for (day,) in _rows(connection, "overdue", last=last, cause=OVERDUE, now=now)]


def _remember(connection: Connection, alert: Alert, now: datetime) -> int:
    [(alert_id,)] = _rows(connection, "remember", **{**vars(alert), "load_dates": list(alert.load_dates)}, now=now)
    return alert_id


def _say(connection: Connection, channel: Channel, alert_id: int) -> bool:
    """Send an open alert, unless it was said, is being said, or too many were said in the last hour."""
    if not channel.urls:
        return False
    chosen = _rows(connection, "take", alert_id=alert_id, most=MOST_AN_HOUR)
    if not chosen:
        return False
    [(title, body)] = chosen
    return _send(connection, channel, "said", alert_id, title, body)


def _close(connection: Connection, channel: Channel, overcome: list[tuple]) -> list[str]:
    said = []
    for alert_id in [alert_id for (alert_id,) in overcome]:
        for title, body, was_said in _rows(connection, "close", alert_id=alert_id):
            if was_said and channel.urls and _send(connection, channel, None, alert_id, f"{RECOVERED}{title}", body):
                said.append(f"{RECOVERED}{title}")
    return said


def _send(connection: Connection, channel: Channel, then: str | None, alert_id: int, title: str, body: str) -> bool:
    try:
        channel.send(title, body)
    except NotSent as error:
        log.error("The message %r could not be sent: %s", title, error)
        return False
    if then:
        _rows(connection, then, alert_id=alert_id)
    return True


def _rows(connection: Connection, name: str, **values: object) -> list[tuple]:
    with connection, connection.cursor() as cursor:
        cursor.execute(statement(name, folder=SQL), values)
        return cursor.fetchall()
