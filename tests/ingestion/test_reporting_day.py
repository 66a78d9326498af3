"""The settings of the reporting day: their defaults, and what is refused."""

import pytest

from ingestion.reporting_day import DEFAULTS, settings
from ingestion.warehouse import ConfigurationError


def test_days_are_those_of_utc_and_weeks_begin_on_monday_if_nothing_else_is_said():
    assert settings({}) == DEFAULTS
    assert DEFAULTS == {
        "REPORTING_TIMEZONE": "UTC",
        "WEEK_STARTS_ON": "monday",
        "REPORTING_CURRENCY": "EUR",
        "INTERNAL_USERS": "",
        "HIDE_CELLS_BELOW": "0",
    }


def test_other_settings_are_left_out():
    given = {"REPORTING_TIMEZONE": "Australia/Lord_Howe", "WEEK_STARTS_ON": "sunday", "REPORTING_CURRENCY": "CHF"} | {
        "INTERNAL_USERS": "u_1, test_*",
        "HIDE_CELLS_BELOW": "5",
    }
    assert settings({**given, "TZ": "UTC"}) == given


@pytest.mark.parametrize("zone", ["", "Berlin", "europe/berlin", "../UTC", "UTC+1"])
def test_what_is_no_time_zone_is_refused(zone):
    with pytest.raises(ConfigurationError, match=r"REPORTING_TIMEZONE=.* is no time zone\.\nRemedy: "):
        settings({"REPORTING_TIMEZONE": zone})


@pytest.mark.parametrize("weekday", ["", "Sunday", "saturday", "1"])
def test_what_is_no_first_day_of_a_week_is_refused(weekday):
    with pytest.raises(ConfigurationError, match=r"WEEK_STARTS_ON=.*\nRemedy: .* monday or sunday"):
        settings({"WEEK_STARTS_ON": weekday})


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "€"])
def test_what_is_no_currency_is_refused(currency):
    with pytest.raises(ConfigurationError, match=r"REPORTING_CURRENCY=.*\nRemedy: .* ISO 4217"):
        settings({"REPORTING_CURRENCY": currency})


@pytest.mark.parametrize("people", ["", "-1", "five", "2.5"])
def test_what_is_no_number_of_people_is_refused(people):
    with pytest.raises(ConfigurationError, match=r"HIDE_CELLS_BELOW=.*\nRemedy: .* whole number"):
        settings({"HIDE_CELLS_BELOW": people})
