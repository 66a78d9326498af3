"""Experiments: who is in which arm, what counts for whom, and what a wrong definition says."""

import shutil
from pathlib import Path

import pytest

from tests.dbt.helpers import Company, at, event
from tests.dbt.runner import PROJECT, Dbt, DbtError

MODELS = ("+experiments",)


def seen(event_id: str, ts: str, user: str | None, variant: str, **fields) -> dict:
    return event(
        event_id, ts, user, "experiment_view", properties={"experiment": "new_player", "variant": variant}, **fields
    )


def people(company: Company, columns: str = "person_id, variant, variants, numerator, pre_numerator") -> list[tuple]:
    return company.query(
        f"select {columns} from summaries.fact_experiment_people where metric = 'completed' order by 1"
    )


def test_what_counts_is_what_is_done_from_the_first_exposure_until_the_window_ends(company: Company):
    """The window is 14 days, both ends counted; what arrives late counts as if it had been in time."""
    done = {"content_id": "c_1"}
    company.land(20, [
        seen("x1", at(20), "u_1", "A"), seen("x2", at(20), "u_2", "B"), seen("x3", at(20), "u_3", "B"),
        event("c1", at(20, "11:59"), "u_1", "content_complete", **done),
        event("c2", at(20, "12:00"), "u_2", "content_complete", **done),
    ])  # fmt: skip
    company.land(34, [
        event("c3", at(34, "12:00"), "u_1", "content_complete", **done),
        event("c4", at(34, "12:01"), "u_3", "content_complete", **done),
        event("c5", at(34), "u_3", "content_complete", user_agent="Googlebot/2.1", **done),
    ])  # fmt: skip
    company.build(20, 34)
    assert people(company) == [("user:u_1", "A", 1, 1, 1), ("user:u_2", "B", 1, 1, 0), ("user:u_3", "B", 1, 0, 0)]
    # u_3 saw A before; u_2 had completed something two weeks before.
    company.land(35, [
        seen("x4", at(10), "u_3", "A"), event("c6", at(6, "12:00"), "u_2", "content_complete", **done),
    ])  # fmt: skip
    company.build(35)
    assert people(company) == [("user:u_1", "A", 1, 1, 1), ("user:u_2", "B", 1, 1, 1), ("user:u_3", "A", 2, 0, 0)]
    assert company.query(
        "select distinct control_people, treatment_people, people_in_two_arms from reporting.experiments"
        " where experiment = 'new_player' and exposures = 'all'"
    ) == [(1, 1, 1)]
    assert company.differences() == {}


def test_a_visitor_who_logs_in_takes_the_assignment_along(company: Company):
    """The visitor saw B, the user, on another device, A. After the login they are one person, in two arms."""
    company.land(1, [seen("x1", at(1), None, "B", anonymous_id="v_1")])
    company.land(2, [seen("x2", at(2), "u_1", "A"), seen("x3", at(2), "u_2", "A")])
    company.build(1, 2)
    assert [row[:3] for row in people(company)] == [
        ("user:u_1", "A", 1), ("user:u_2", "A", 1), ("visitor:v_1", "B", 1)
    ]  # fmt: skip
    company.land(3, [event("l1", at(3), "u_1", "login", anonymous_id="v_1")])
    company.build(3)
    assert [row[:3] for row in people(company)] == [("user:u_1", "B", 2), ("user:u_2", "A", 1)]
    assert company.differences() == {}


# What a definition says instead, and what the compiler answers.
WRONG = {
    "scope": ("'before': 29, 'after': 15", "'before': 20, 'after': 15", "must say 'before': 29"),
    "window": ("window='28 days'", "window='-1 days'", "window='-1 days' is no time"),
    "kind": ("'name': 'trial', 'kind': 'conversion'", "'name': 'trial', 'kind': 'share'", "kind is not conversion"),
    "weights": (
        "weights={'A': 1, 'B': 1},\n    window='28",
        "weights={'B': 1},\n    window='28",
        "no weight for its control 'A'",
    ),
    "event": ("'kind': 'conversion', 'event': 'trial_start'", "'kind': 'conversion'", "names no event"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_definition_is_named(company: Company, tmp_path: Path, wrong: str):
    good, bad, message = WRONG[wrong]
    project = tmp_path / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    path = project / "models" / "summaries" / "experiments" / "fact_experiment_people.sql"
    assert path.read_text().count(good) == 1
    path.write_text(path.read_text().replace(good, bad))
    dbt = Dbt(company.warehouse, tmp_path / "out", project=project)
    with pytest.raises(DbtError, match=message):
        dbt.run("--select", "fact_experiment_people")
