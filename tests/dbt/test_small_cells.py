"""`HIDE_CELLS_BELOW`: rows of the reporting views that tell of few people."""

import pytest

from tests.dbt.helpers import Company, at, event, user
from tests.dbt.runner import DbtError

MODELS = ("+retention_by_dimension", "+engagement_by_slice", "+segments", "+segment_moves", "+sales")
COHORTS = (
    "select breakdown, cohort_people from reporting.retention_by_dimension"
    " where period = 'week' and period_number = 0 and dimension in ('all', 'country') order by 1"
)
BUILDS = "select model, build_id from ops.model_definition where relation ~ '^(summaries|marts)' order by 1"


def test_a_small_cell_is_hidden_and_a_large_one_shown(company: Company):
    """Three people of Germany and one of France; two of them buy."""
    people = {"u_1": "DE", "u_2": "DE", "u_3": "DE", "u_4": "FR"}
    users = [user(name, "2026-01-01T00:00:00Z", country) for name, country in people.items()]
    bought = {"event": "purchase", "amount": 5, "currency": "EUR"}
    events = [event(f"e{number}", at(1), name) for number, name in enumerate(people)]
    events += [event("b1", at(1), "u_1", order_id="o_1", **bought), event("b2", at(2), "u_2", order_id="o_2", **bought)]
    company.land(1, events, users=users)
    company.build(1)
    assert company.query(COHORTS) == [("DE", 3), ("FR", 1), ("all", 4)]
    moves = "select segment_before, segment, people from reporting.segment_moves"
    whole = {name: company.query(f"select * from reporting.{name} order by 1, 2") for name in ("segments", "sales")}
    tables = company.query(BUILDS)

    company.dbt.settings["HIDE_CELLS_BELOW"] = "3"
    company.dbt.record_definitions()
    waiting = dict(company.query("select model, reason from ops.pending_rebuild"))
    assert waiting["retention_by_dimension"] == "the setting HIDE_CELLS_BELOW has changed"
    company.dbt.run(*company.selected)
    assert company.query(COHORTS) == [("DE", 3), ("all", 4)]
    countries = "select value from reporting.engagement_by_slice where dimension = 'country' and dimension_2 is null"
    assert {value for (value,) in company.query(countries)} == {"DE"}
    # Two buyers of the week are too few; nobody bought in the reporting currency is no cell of anybody.
    assert company.query("select period from reporting.sales where buyers > 0") == []
    assert company.query(moves) == [("new", "casual", 4)]
    assert company.query("select * from reporting.segments order by 1, 2") == whole["segments"]
    assert tables == company.query(BUILDS)

    company.dbt.settings["HIDE_CELLS_BELOW"] = "0"
    company.dbt.run(*company.selected)
    assert company.query("select * from reporting.sales order by 1, 2") == whole["sales"]


def test_what_is_no_number_is_told_by_name(company: Company):
    company.dbt.settings["HIDE_CELLS_BELOW"] = "few"
    try:
        with pytest.raises(DbtError, match="HIDE_CELLS_BELOW='few' is no number of people. Remedy: "):
            company.dbt.run("--select", "segments")
    finally:
        company.dbt.settings["HIDE_CELLS_BELOW"] = "0"
