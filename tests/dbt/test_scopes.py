"""What a mart author writes, and what is refused."""

import re
from pathlib import Path

import pytest

from tests.dbt.helpers import Company, at, event
from tests.dbt.runner import PROJECT, Dbt, DbtError
from tests.proof.world import MARTS, project_with_all_scopes

BY_HAND = re.compile(r"\b(delete\s+from|truncate|merge\s+into|update\s+\{\{)", re.IGNORECASE)
MART = (MARTS / "mart_sales_by_category.sql").read_text()
# What an author may get wrong in that mart, and what the build says before anything is touched.
REFUSED = {
    "no scope": ("    meta={'scope': {'by': 'event_date', 'column': 'sale_date'}},\n", "", "its meta.scope is"),
    "a scope that is none": ("'by': 'event_date'", "'by': 'day'", "`by` is one of load_date, event_date"),
    "no grain": (
        "    indexes=[{'columns': ['sale_date', 'category'], 'unique': true}],\n",
        "",
        "no index of its is unique",
    ),
    "a dimension that no fact points to": (
        "ref('fact_user_events')",
        "ref('fact_user_daily')",
        "dim_product, which it reads, does not say by its columns",
    ),
}


def test_a_mart_is_written_in_few_lines():
    assert len(MART.splitlines()) <= 15


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_is_said_before_anything_is_built(company: Company, tmp_path: Path, mistake: str):
    good, bad, message = REFUSED[mistake]
    project = project_with_all_scopes(tmp_path / "project")
    assert MART.count(good) == 1
    (project / "models" / "marts" / "mart_sales_by_category.sql").write_text(MART.replace(good, bad))
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project)
    company.land(1, [event("e1", at(1))])
    with pytest.raises(DbtError, match="mart_sales_by_category") as refused:
        company.build(1)
    assert message in str(refused.value)
    assert company.query("select to_regclass('core.fact_user_events')::text") == [(None,)]


def test_a_key_that_an_upstream_model_does_not_have(company: Company, tmp_path: Path):
    project = project_with_all_scopes(tmp_path / "project")
    cohorts = project / "models" / "marts" / "mart_cohorts.sql"
    text = cohorts.read_text()
    scope = "{'by': 'keys', 'of': 'fact_first_days', 'columns': {'cohort_date': 'first_date'}}"
    assert text.count(scope) == 1
    cohorts.write_text(text.replace(scope, "{'by': 'event_date', 'column': 'cohort_date'}"))
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project)
    company.land(1, [event("e1", at(1))])
    with pytest.raises(DbtError, match="mart_cohorts: its scope is by event_date, but fact_first_days"):
        company.build(1)


def by_hand(text: str) -> bool:
    return bool(BY_HAND.search(re.sub(r"--.*", "", text)))


def test_no_model_deletes_by_hand():
    assert [path.name for path in PROJECT.glob("models/**/*.sql") if by_hand(path.read_text())] == []


@pytest.mark.parametrize(
    "statement", ["delete from {{ this }} where x", "TRUNCATE {{ this }}", "merge into x", "update {{ this }} set"]
)
def test_a_delete_by_hand_is_found(statement: str):
    assert by_hand(f"-- One row per date.\n{{{{ config(pre_hook='{statement}') }}}}\nselect 1")


def test_a_person_can_be_the_key_of_another_models_rows(company: Company, tmp_path: Path):
    """`keys` with the person alone is no scope of a person and a period."""
    project = project_with_all_scopes(tmp_path / "project")
    cohorts = project / "models" / "marts" / "mart_cohorts.sql"
    cohorts.write_text("""-- One row per person.
{{ config(
    indexes=[{'columns': ['person_id'], 'unique': true}],
    contract={'enforced': false},
    meta={'scope': {'by': 'keys', 'of': 'fact_first_days', 'columns': {'person_id': 'person_id'}}},
) }}
select person_id, first_date as cohort_date, 1::bigint as people, days::bigint as days
from {{ ref('fact_first_days') }}
where {{ in_scope('person_id') }}
""")
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project)
    company.select("+mart_cohorts")
    company.land(1, [event("e1", at(1))])
    company.land(2, [event("e2", at(2)), event("e3", at(1, "10:00"), "u_2")])
    company.build(2)
    company.build(1)
    assert company.query("select person_id, days from marts.mart_cohorts order by 1") == [
        ("user:u_1", 2),
        ("user:u_2", 1),
    ]
    assert company.differences() == {}


def test_periods_and_days_after(company: Company, tmp_path: Path):
    """2 March 2026 is a Monday. What happened on the 1st arrives last, and is in the window of the 2nd and the 3rd."""
    company.dbt = Dbt(company.warehouse, tmp_path / "out", project=project_with_all_scopes(tmp_path / "project"))
    company.select("+mart_periods", "+fact_days_since")
    company.land(4, [event("e1", at(1)), event("e3", at(4))])
    company.land(5, [event("e2", at(2)), event("e4", at(0))])
    for number in (4, 5):
        company.build(number)
    periods = "select events from marts.mart_periods where period <> 'day' order by period_start, period"
    assert company.query(periods) == [(1,), (4,), (3,)]
    of_three_days = "select events_of_three_days from marts.fact_days_since order by event_date"
    assert company.query(of_three_days) == [(1,), (2,), (3,), (2,)]
    assert company.differences() == {}


def test_a_table_over_which_nothing_has_changed_yet_is_left_as_it_is(company: Company):
    """Its upstream models have only ever been computed in full, and have logged no change."""
    company.select("+fact_funnel_runs")
    company.land(1, [event("e1", at(1))])
    company.build(1)
    company.land(2)
    company.load(2)
    company.claim()
    before = company.query("table summaries.fact_funnel_runs")
    company.dbt.run("--select", "fact_funnel_runs")
    assert company.query("table summaries.fact_funnel_runs") == before
