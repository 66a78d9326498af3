"""How producers write a moment, and which moment that is."""

import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import Rejected
from ingestion.times import check_form, moment_reader

UTC = datetime.UTC


def read(value, form: str = "iso", zone: str | None = None) -> str:
    return str(moment_reader(form, zone)("at", value).astimezone(UTC).replace(tzinfo=None))


@pytest.mark.parametrize(
    ("form", "value", "moment"),
    [
        ("iso", "2026-03-02T07:12:33.120+02:00", "2026-03-02 05:12:33.120000"),
        ("iso", "2026-03-02 07:12:33.12 UTC", "2026-03-02 07:12:33.120000"),
        ("iso", " 2026-03-02 ", "2026-03-02 00:00:00"),
        ("iso", "2026-03-02 07:12", "2026-03-02 07:12:00"),
        ("iso", "2026-03-02T07:12+02:00", "2026-03-02 05:12:00"),
        ("iso", "2026-03-02 07:12 UTC", "2026-03-02 07:12:00"),
        ("unix_seconds", 1772435553.25, "2026-03-02 07:12:33.250000"),
        ("unix_seconds", "1772435553", "2026-03-02 07:12:33"),
        ("unix_milliseconds", 1772435553123, "2026-03-02 07:12:33.123000"),
        ("unix_microseconds", "1772435553123457", "2026-03-02 07:12:33.123457"),
        ("unix_microseconds", 1772435553123457, "2026-03-02 07:12:33.123457"),
        ("%d.%m.%Y %H:%M:%S", "02.03.2026 07:12:33", "2026-03-02 07:12:33"),
        ("%Y-%m-%dT%H:%M:%S%z", "2026-03-02T07:12:33-0500", "2026-03-02 12:12:33"),
        ("%Y%m%d", 20260302, "2026-03-02 00:00:00"),
    ],
)
def test_a_moment_is_read(form: str, value, moment: str):
    assert read(value, form) == moment


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("iso", "2026-03-02 07:12:33 CET"),
        ("iso", "2026-03-02 07:61"),
        ("iso", "2026-03-02 07"),
        ("iso", "UTC"),
        ("iso", 1772435553),
        ("unix_seconds", "2026-03-02"),
        ("unix_seconds", "nan"),
        ("unix_seconds", "1_772"),
        ("unix_seconds", True),
        ("unix_seconds", 1e300),
        ("unix_microseconds", []),
        ("%d.%m.%Y", "2026-03-02"),
        ("%d.%m.%Y", "31.02.2026"),
        ("%d.%m.%Y", {}),
    ],
)
def test_what_is_no_moment_is_held_back(form: str, value):
    with pytest.raises(Rejected) as caught:
        read(value, form)
    assert (caught.value.stage, caught.value.code) == ("map", "unparsable_timestamp")
    assert "at is" in caught.value.detail


@pytest.mark.parametrize(
    ("zone", "local", "moment"),
    [
        ("Europe/Berlin", "2026-01-15 12:00:00", "2026-01-15 11:00:00"),
        ("Europe/Berlin", "2026-07-15", "2026-07-14 22:00:00"),  # a date is its first moment there
        ("Europe/Berlin", "2026-07-15 12:00:00Z", "2026-07-15 12:00:00"),  # it has a zone
        # 02:00 to 03:00 is skipped: as much later as is skipped, so 02:30 is 03:30 in summer time.
        ("Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29 00:59:59"),
        ("Europe/Berlin", "2026-03-29 02:30:00", "2026-03-29 01:30:00"),
        ("Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29 01:00:00"),
        # 02:00 to 03:00 comes twice: the first.
        ("Europe/Berlin", "2026-10-25 02:30:00", "2026-10-25 00:30:00"),
        ("Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25 02:00:00"),
        # Half an hour on Lord Howe: 02:00 to 02:30 is skipped, 01:30 to 02:00 comes twice.
        ("Australia/Lord_Howe", "2026-10-04 01:59:00", "2026-10-03 15:29:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:10:00", "2026-10-03 15:40:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:30:00", "2026-10-03 15:30:00"),
        ("Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-04 14:45:00"),
        ("Australia/Lord_Howe", "2026-04-05 02:00:00", "2026-04-04 15:30:00"),
    ],
)
def test_a_time_without_a_zone_is_one_of_the_contracts(zone: str, local: str, moment: str):
    assert read(local, zone=zone) == moment


@given(
    st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.datetime.fromtimestamp(second, UTC)),
    st.sampled_from(["America/New_York", "Australia/Lord_Howe", "America/Havana"]),
)
def test_a_local_time_leads_to_a_moment_that_reads_so_there(moment: datetime.datetime, zone: str):
    """Every moment's local time is read as that moment, or as one that had the same local time before."""
    there = moment.astimezone(zoneinfo.ZoneInfo(zone))
    found = moment_reader("iso", zone)("at", there.replace(tzinfo=None).isoformat())
    assert found <= there
    assert found.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None) == there.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("form", "zone", "complaint"),
    [
        ("unix", None, "timestamps is 'unix'"),
        ("%d.%Q", None, "does not read what it writes"),
        ("iso", "Berlin", "no time zone"),
        ("unix_seconds", "Europe/Berlin", "the same everywhere"),
    ],
)
def test_a_wrong_form_is_refused(form: str, zone: str | None, complaint: str):
    with pytest.raises(ValueError, match=complaint):
        check_form(form, zone)
