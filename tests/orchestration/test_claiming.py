"""Claiming for a run of Airflow: a build whose run is dead is taken over."""

from ingestion.service import build_of, claim, finish
from orchestration.claiming import claim_or_take_over
from tests.ingestion.helpers import DAY, Landing, event


def test_a_build_of_a_living_run_is_left_alone(landing: Landing):
    landing.events(event(1))
    landing.load_and_publish()
    theirs = claim(landing.connection, "run 1", [DAY])
    assert claim_or_take_over(landing.connection, "run 2", [DAY], is_over=lambda holder: False) == theirs


def test_a_build_of_a_dead_run_is_released_and_its_days_are_claimed(landing: Landing):
    landing.events(event(1))
    landing.load_and_publish()
    theirs, said = claim(landing.connection, "run 1", [DAY]), []
    ours = claim_or_take_over(
        landing.connection, "run 2", [DAY], is_over=lambda holder: holder == "run 1", say=said.append
    )
    assert (ours.holder, ours.load_dates) == ("run 2", (DAY,))
    assert landing.query("select status from ops.build where build_id = %s", theirs.build_id) == [("failed",)]
    assert said == ["The run run 1 is over without having finished its build: releasing its days"]


def test_the_own_build_is_ours_and_nothing_to_build_is_nothing(landing: Landing):
    landing.events(event(1))
    landing.load_and_publish()
    ours = claim_or_take_over(landing.connection, "run 1", [DAY], is_over=lambda holder: True)
    assert claim_or_take_over(landing.connection, "run 1", [DAY], is_over=lambda holder: True) == ours
    finish(landing.connection, ours)
    assert claim_or_take_over(landing.connection, "run 2", [DAY], is_over=lambda holder: True) is None
    assert build_of(landing.connection, "run 2") is None
