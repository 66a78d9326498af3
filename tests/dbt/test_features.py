"""Features: days that arrive out of order, people who turn out to be one, and definitions of an analyst's own."""

import pytest

from tests.dbt.helpers import Company, at, day, event
from tests.dbt.runner import Dbt, DbtError
from tests.scratch import project_with

MODELS = ("+features", "+feature_breadth", "+feature_adoption", "+feature_adoption_curve")
ADOPTION = "select activity_date, adopters, people from reporting.feature_adoption where feature = 'search' order by 1"


def test_a_first_use_moves_when_an_earlier_one_arrives_or_a_visitor_becomes_a_user(company: Company):
    bought = event("e4", at(3), "u_1", "subscription_renew", amount=5, currency="EUR")  # what a server sends is no use
    company.land(4, [event("e1", at(1)), event("e2", at(4), "u_1", "search"), event("e3", at(3), "u_2"), bought])
    company.land(5, [event("v1", at(2), None, "search", anonymous_id="v"), event("v2", at(5, "10:00"), "u_3")])
    company.land(
        6, [event("e5", at(1, "13:00"), "u_1", "search"), event("e6", at(6), "u_2", "login", anonymous_id="v")]
    )
    company.build(4)
    assert company.query(ADOPTION) == [(day(4), 1, 2)]
    company.build(5)  # a visitor, who searched on day 2
    assert company.query(ADOPTION) == [(day(2), 1, 2), (day(3), 1, 3), (day(4), 2, 3), (day(5), 2, 4)]
    company.build(6)  # the visitor was u_2
    assert company.query(ADOPTION) == [
        *((day(1), 1, 1), (day(2), 2, 2), (day(3), 2, 2), (day(4), 2, 2), (day(5), 2, 3), (day(6), 2, 3)),
    ]
    # u_1 and u_2 searched on their first day. u_3 came on day 5, and is known for one day more.
    curve = (
        "select days_since_first_active, people, adopters from reporting.feature_adoption_curve"
        " where feature = 'search' order by 1"
    )
    assert company.query(curve) == [(0, 3, 2), (1, 3, 2), (2, 2, 2), (3, 2, 2), (4, 2, 2), (5, 1, 1)]
    # In the week: u_1 three times on the web, u_2 once as a visitor, u_3 nothing.
    week = "select features_used, people, share from reporting.feature_breadth where period = 'week' order by 1"
    assert [(number, people, float(share)) for number, people, share in company.query(week)] == [
        (0, 1, 0.3333),
        (1, 2, 0.6667),
    ]
    depth = "select people, uses, uses_per_person, median_uses from reporting.features where period = 'week'"
    assert company.query(depth) == [(2, 3, 1.5, 1)]
    assert company.differences() == {}


OWN = """
-- One row per person, feature and date on which the person used it.
{{ features([
    {'name': 'dark reading', 'event': ['content_start', 'bookmark_add'], 'where': "properties ->> 'theme' = 'dark'"},
    {'name': 'quizzes', 'event': 'quiz_anser'},
]) }}
"""


def test_a_feature_of_custom_events_with_properties_and_a_name_that_nobody_sent(company: Company, tmp_path):
    project = project_with(tmp_path / "project", {"my_features": OWN})
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project)
    dark, light = ({"properties": {"theme": theme}} for theme in ("dark", "light"))
    company.land(
        1,
        [
            event("e1", at(1), "u_1", "content_start", content_id="c", **dark),
            event("e2", at(1), "u_1", "bookmark_add", **dark),
            event("e3", at(1), "u_2", "bookmark_add", **light),
            event("e4", at(1), "u_3", "content_start", content_id="c", user_agent="Googlebot/2.1", **dark),
        ],
    )
    company.build(1, only="my_features")
    assert company.query("select person_id, feature, uses from marts.my_features") == [("user:u_1", "dark reading", 2)]
    with pytest.raises(
        DbtError, match="my_features: the feature quizzes is made of 'quiz_anser', which nobody has done"
    ):
        company.dbt.run("--select", "my_features", "--full-refresh", "--warn-error")


WRONG = {
    "[]": "has no definition",
    "[{'event': 'search'}]": "has no name",
    "[{'name': 'a;', 'event': 'search'}]": "has no name",
    "[{'name': 'a'}]": "it names no event",
    "[{'name': 'a', 'evnt': 'search'}]": "the feature a has a key evnt",
    "[{'name': 'a', 'event': 'x'}, {'name': 'a', 'event': 'y'}]": "two features are called a",
}


@pytest.mark.parametrize("definitions", WRONG)
def test_a_definition_that_makes_no_sense_is_told_by_name(warehouse, tmp_path, definitions: str):
    project = project_with(tmp_path / "project", {"mine": f"{{{{ features({definitions}) }}}}"}, alone=True)
    with pytest.raises(DbtError) as error:
        _ = Dbt(warehouse, tmp_path, project=project).manifest
    assert WRONG[definitions] in str(error.value) and "mine: " in str(error.value) and "Remedy" in str(error.value)
