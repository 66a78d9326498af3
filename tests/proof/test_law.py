"""The law: for any landed files, every order of loads and builds ends in the warehouse that one full refresh makes.

A few examples here; `make proof EXAMPLES=500` runs more. A script that broke the law once stays, in `test_scripts`: it
builds the tables in which it finds the bugs of `test_mutations`, and one that finds none of these what `MODELS` says.
"""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.proof.directed import IN_NEW_YORK, SCRIPTS
from tests.proof.mutations import shown_by
from tests.proof.scripts import scripts
from tests.proof.world import MARTS, Script, World

# What scripts build that find none of the bugs: the core, what stands upon it first, and a mart of each kind of scope.
# The other marts are part of random scripts, some in each, and all models of the script of the synthetic company.
MODELS = {
    "a day that is published again while its build runs": (
        *("+mart_engagement", "+mart_lifecycle_weekly", "+mart_lifecycle_monthly", "+mart_cohort_spans"),
        *("+fact_user_retention_cohorts_daily", "+dim_user_personal", "+dim_creator"),
        *(f"+{path.stem}" for path in sorted(MARTS.glob("*.sql"))),
    ),
    "products and content that say something else, from the first day on": (
        *("+mart_sales_by_category", "+fact_content_daily", "+mart_pieces", "+mart_topics_by_week"),
    ),
    "a late event that joins two islands and moves the cut after 24 hours": ("+mart_engagement",),
    "days of the synthetic company, one of which lands again with less": (),
}
ALWAYS_THE_SAME = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=2, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script(world: World, script: Script):
    world.check(script)


@settings(max_examples=1, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script_in_new_york(new_york: World, script: Script):
    new_york.check(script)


def test_scripts_in_new_york(new_york: World):
    for name in IN_NEW_YORK:
        new_york.check(SCRIPTS[name], shown_by(name) or MODELS[name])


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(world: World, name: str):
    world.check(SCRIPTS[name], shown_by(name) or MODELS[name])
