"""What a producer writes for a moment, to the moment: ISO 8601, Unix times, or a pattern of the contract's own."""

import datetime
import re
import zoneinfo
from collections.abc import Callable
from typing import Any

import msgspec

from ingestion.errors import Rejected

UTC = datetime.UTC
ISO = "iso"
UNIX = {"unix_seconds": 1_000_000, "unix_milliseconds": 1_000, "unix_microseconds": 1}  # to microseconds
BLANK = " \t\r\n"
_EPOCH = datetime.datetime.fromtimestamp(0, UTC)
UTC_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TO_THE_MINUTE = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def check_form(form: str, time_zone: str | None) -> None:
    """Raises `ValueError` where moments cannot be read so: by a form that there is not, or in no zone of IANA's."""
    if form not in (ISO, *UNIX):
        if "%" not in form:
            raise ValueError(f"timestamps is {form!r}")
        sample = datetime.datetime(2026, 3, 2, 7, 12, 33, tzinfo=UTC)
        try:
            datetime.datetime.strptime(sample.strftime(form), form)  # noqa: DTZ007
        except (ValueError, re.error) as error:
            raise ValueError(f"timestamps is {form!r}, which does not read what it writes: {error}") from error
    if time_zone is not None and time_zone not in zoneinfo.available_timezones():
        raise ValueError(f"time_zone is {time_zone!r}, no time zone of the IANA database")
    if time_zone is not None and form in UNIX:
        raise ValueError(f"time_zone given for {form}, which counts from a moment that is the same everywhere")


def moment_reader(form: str, time_zone: str | None = None) -> Callable[[str, Any], datetime.datetime]:
    """A function from (column, value) to the moment, with its zone; it raises `Rejected`.

    A time without a zone is one of `time_zone`, UTC by default, and a date is its first moment. A time that the zone
    skips counts as many minutes later as it skips; of one that comes twice the first is meant. (That is what Python
    makes of `fold=0`.)
    """
    zone = UTC if time_zone is None else zoneinfo.ZoneInfo(time_zone)
    expected = "an ISO 8601 timestamp" if form == ISO else form
    parse = _iso if form == ISO else _unix(UNIX[form]) if form in UNIX else _pattern(form)

    def read(column: str, value: Any) -> datetime.datetime:
        try:
            moment = parse(value)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone)
            return moment if zone is UTC else moment.astimezone(UTC)
        except (AttributeError, TypeError, ValueError, OverflowError, msgspec.ValidationError) as error:
            shown = repr(value) if len(repr(value)) <= 80 else repr(value)[:77] + "..."
            raise Rejected("map", "unparsable_timestamp", f"{column} is {shown}, not {expected}") from error

    return read


def _iso(value: Any) -> datetime.datetime:
    if UTC_TIMESTAMP.fullmatch(value):  # most are
        return datetime.datetime.fromisoformat(value)
    text = value.strip(BLANK)
    if text.endswith(" UTC"):  # as BigQuery writes it
        text = text[:-4] + "Z"
    if _DATE.fullmatch(text):
        text += "T00:00:00"
    elif minutes := _TO_THE_MINUTE.fullmatch(text):  # as spreadsheets write it
        text = f"{minutes[1]}:00{minutes[2] or ''}"
    return msgspec.convert(text, datetime.datetime)


def _pattern(form: str) -> Callable[[Any], datetime.datetime]:
    parse = datetime.datetime.strptime
    return lambda value: parse((str(value) if type(value) is int else value).strip(BLANK), form)


def _unix(microseconds: int) -> Callable[[Any], datetime.datetime]:
    def parse(value: Any) -> datetime.datetime:
        if isinstance(value, str):
            value = value.strip(BLANK)
            if not _NUMBER.fullmatch(value):
                raise ValueError(value)
            value = int(value) if _WHOLE.fullmatch(value) else float(value)
        if isinstance(value, bool):
            raise TypeError(value)
        return _EPOCH + datetime.timedelta(microseconds=value * microseconds)

    return parse
