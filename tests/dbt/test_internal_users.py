"""`INTERNAL_USERS`: whom it names is out of every number, and comes back when it does not any more."""

import pytest

from tests.dbt.helpers import Company, at, event

MODELS = ("+engagement_daily", "+features", "+sales")
DAU = "select activity_date::text, dau from reporting.engagement_daily order by 1"
# setting: who of the people below is left
LEFT = {
    "": {"u_1", "test_1", "testX1", "test_2", "it's"},
    "u_1": {"test_1", "testX1", "test_2", "it's"},
    "test_*": {"u_1", "testX1", "it's"},  # an underscore is one, and stands for nothing else
    " u_1 , *_2 ": {"test_1", "testX1", "it's"},
    "it's": {"u_1", "test_1", "testX1", "test_2"},
    "U_1": {"u_1", "test_1", "testX1", "test_2", "it's"},  # case counts
    "*": set(),
}


@pytest.fixture
def staffed(company: Company):
    company.land(1, [event(f"e{number}", at(1), name) for number, name in enumerate(sorted(LEFT[""]))])
    yield company
    company.dbt.settings["INTERNAL_USERS"] = ""


def active(company: Company) -> set[str]:
    people = company.query("select person_id from summaries.fact_user_daily where is_active")
    return {person.removeprefix("user:") for (person,) in people}


def test_each_pattern_takes_out_whom_it_fits(staffed: Company):
    staffed.select("+engagement_daily")
    staffed.build(1)
    for setting, left in LEFT.items():
        staffed.dbt.settings["INTERNAL_USERS"] = setting
        staffed.connection.cursor().execute("update ops.load_day set built_version = null")
        staffed.connection.commit()
        staffed.build()
        assert active(staffed) == left, setting
        assert staffed.query(DAU) == [("2026-03-02", len(left))]


def test_a_colleague_is_out_before_the_login_too_and_so_are_purchases_and_features(staffed: Company):
    """The visitor v searches before logging in as test_1; w is a visitor whom the setting names."""
    bought = {"event": "purchase", "amount": 5, "currency": "EUR"}
    staffed.dbt.settings["INTERNAL_USERS"] = "test_*,w"
    staffed.land(
        1,
        [
            event("e1", at(1), None, "search", anonymous_id="v"),
            event("e2", at(1, "13:00"), None, "search", anonymous_id="w"),
            event("e3", at(1, "14:00"), "u_1", "search"),
            event("e4", at(1, "15:00"), "test_1", order_id="o_1", **bought),
            event("e5", at(1, "16:00"), "u_1", order_id="o_2", **bought),
        ],
    )
    staffed.build(1)
    features = "select feature, people from reporting.features where period = 'day' and feature = 'search'"
    assert staffed.query(DAU) == [("2026-03-02", 2)]  # u_1, and v, of whom nobody knows yet
    assert staffed.query(features) == [("search", 2)]
    staffed.land(2, [event("e6", at(2), "test_1", "login", anonymous_id="v")])
    staffed.build(2)
    assert staffed.query(DAU) == [("2026-03-02", 1), ("2026-03-03", 0)]
    assert staffed.query(features) == [("search", 1)]
    sales = "select orders, gross_amount from reporting.sales where period = 'month' and slice = 'reporting'"
    assert staffed.query(sales) == [(1, 5)]
    assert staffed.differences() == {}
