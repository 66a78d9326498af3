"""Where a setting comes from, what is made once, and what is refused."""

import stat
from datetime import date

import pytest

from local.errors import LocalError
from local.settings import Settings, read_env_file
from local.stack import Stack

TODAY = date(2026, 1, 31)


def test_the_environment_wins_over_env_file_over_what_was_generated(tmp_path):
    Settings.load(tmp_path, {}).keep({"AIRFLOW_PORT": "1", "WAREHOUSE_PORT": "1", "WAREHOUSE_DB": "generated"})
    (tmp_path / ".env").write_text("AIRFLOW_PORT=2\nWAREHOUSE_PORT='2'\nDBT_THREADS=\n")
    settings = Settings.load(tmp_path, {"AIRFLOW_PORT": "3", "UNRELATED": "3"})
    assert settings.port("AIRFLOW_PORT") == 3
    assert settings.port("WAREHOUSE_PORT") == 2
    assert settings["WAREHOUSE_DB"] == "generated"
    assert settings["DBT_THREADS"] == "4", "an empty line in .env is no value"


def test_passwords_are_made_once_and_are_the_owners_alone(tmp_path):
    first = Settings.load(tmp_path, {"WAREHOUSE_OWNER_PASSWORD": "mine"}).with_secrets()
    again = Settings.load(tmp_path, {}).with_secrets()
    assert stat.S_IMODE((tmp_path / ".local" / "env").stat().st_mode) == 0o600
    assert first["WAREHOUSE_LOADER_PASSWORD"] == again["WAREHOUSE_LOADER_PASSWORD"]
    assert len(set(first.warehouse.passwords.values())) == 4
    assert first["WAREHOUSE_OWNER_PASSWORD"] == "mine"


def test_a_line_that_is_no_setting_is_named(tmp_path):
    (tmp_path / ".env").write_text("# fine\n\nAIRFLOW_PORT 8080\n")
    with pytest.raises(LocalError, match=r"\.env:3: not NAME=value"):
        read_env_file(tmp_path / ".env")


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_a_port_that_is_none_is_named(tmp_path, port):
    with pytest.raises(LocalError, match=f"AIRFLOW_PORT={port} is not a port"):
        Settings.load(tmp_path, {"AIRFLOW_PORT": port}).port("AIRFLOW_PORT")


def test_the_company_is_fixed_by_the_first_demo(tmp_path):
    Settings.load(tmp_path, {}).with_company(today=TODAY, days=28, scale="2")
    later = Settings.load(tmp_path, {}).with_company(today=date(2026, 3, 1), days=90)
    assert later["GENERATOR_START"] == "2026-01-03"
    assert later["GENERATOR_SCALE"] == "2"
    assert later.with_company(today=TODAY, days=28, scale="2.0", seed="1") == later


@pytest.mark.parametrize("other", [{"scale": "3"}, {"seed": "7"}])
def test_another_company_in_the_same_warehouse_is_refused(tmp_path, other):
    Settings.load(tmp_path, {}).with_company(today=TODAY, days=28)
    with pytest.raises(LocalError, match="make clean"):
        Settings.load(tmp_path, {}).with_company(today=TODAY, days=28, **other)


@pytest.mark.parametrize("wrong", [{"days": 0}, {"scale": "big"}, {"scale": "0"}, {"seed": "x"}])
def test_a_company_that_cannot_be_is_refused(tmp_path, wrong):
    with pytest.raises(LocalError, match="Remedy"):
        Settings.load(tmp_path, {}).with_company(**{"today": TODAY, "days": 28} | wrong)


def test_the_reporting_day_reaches_airflow_and_dbt(tmp_path):
    (tmp_path / ".env").write_text("REPORTING_TIMEZONE=America/New_York\nWEEK_STARTS_ON=\n")
    environment = Settings.load(tmp_path, {}).with_secrets().environment()
    assert (environment["REPORTING_TIMEZONE"], environment["WEEK_STARTS_ON"]) == ("America/New_York", "monday")
    assert environment["TZ"] == "UTC", "load days and Airflow stay in UTC"


@pytest.mark.parametrize(
    ("name", "value"),
    [("REPORTING_TIMEZONE", "Berlin"), ("WEEK_STARTS_ON", "friday"), ("REPORTING_CURRENCY", "euro")],
)
def test_a_reporting_day_that_cannot_be_stops_make_up_before_anything_starts(tmp_path, name, value):
    stack = Stack(Settings.load(tmp_path, {name: value}).with_secrets())
    with pytest.raises(LocalError, match=f"{name}={value} is (.|\n)*Remedy: set it in .env to"):
        stack.up()
    assert not stack.settings.server.home.exists()
