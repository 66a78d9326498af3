"""Which factor a time-lapse gets, and which is refused."""

from datetime import timedelta

import pytest

from local.errors import LocalError
from local.settings import Settings
from local.timelapse import FACTOR, factor_of


def settings(tmp_path, **environ: str) -> Settings:
    return Settings.load(tmp_path, environ)


def test_a_year_passes_in_a_week_if_nothing_else_is_said():
    assert 365 * timedelta(days=1) / FACTOR == pytest.approx(timedelta(days=7), abs=timedelta(minutes=10))


def test_the_factor_stays_until_another_is_asked_for(tmp_path):
    assert factor_of(settings(tmp_path), None) == FACTOR
    settings(tmp_path).keep({"TIMELAPSE_FACTOR": "100"})
    assert factor_of(settings(tmp_path), None) == 100
    assert factor_of(settings(tmp_path), "1.5") == 1.5
    assert factor_of(settings(tmp_path), "0") == 0


@pytest.mark.parametrize("factor", ["fast", "-1", "0.5", "1e9", "nan", "inf"])
def test_a_factor_that_is_none_is_refused(tmp_path, factor):
    with pytest.raises(LocalError, match=f"no time-lapse at the factor {factor}"):
        factor_of(settings(tmp_path), factor)
    with pytest.raises(LocalError, match=f"no time-lapse at the factor {factor}"):
        factor_of(settings(tmp_path, TIMELAPSE_FACTOR=factor), None)


def test_a_factor_that_is_set_elsewhere_is_not_overruled_in_silence(tmp_path):
    elsewhere = settings(tmp_path, TIMELAPSE_FACTOR="10")
    assert factor_of(elsewhere, None) == factor_of(elsewhere, "10") == 10
    with pytest.raises(LocalError, match="Change it there"):
        factor_of(elsewhere, "0")


def test_without_a_synthetic_company_there_is_nothing_to_replay(tmp_path):
    with pytest.raises(LocalError, match="GENERATE=true"):
        factor_of(settings(tmp_path, GENERATE="false"), None)
    assert factor_of(settings(tmp_path, GENERATE="false"), "0") == 0
