"""The law: for any landed files, every order of loads and builds ends in the warehouse that one full refresh makes.

A few examples here; `make proof EXAMPLES=500` runs more. A script that broke the law once stays, in `test_scripts`.
"""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.proof.directed import IN_NEW_YORK, SCRIPTS
from tests.proof.scripts import scripts
from tests.proof.world import MARTS, Script, World

# The core, what stands upon it first, and a mart of each kind of scope. The other marts are part of random scripts,
# some in each, and have tests of their own in `tests/dbt`.
WHAT_SCRIPTS_ARE_ABOUT = (
    *("+mart_engagement", "+mart_lifecycle_weekly", "+mart_lifecycle_monthly", "+mart_cohort_spans"),
    *("+fact_user_retention_cohorts_daily", "+dim_user_personal", "+dim_creator"),
    *(f"+{path.stem}" for path in sorted(MARTS.glob("*.sql"))),
)
ALWAYS_THE_SAME = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=3, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script(world: World, script: Script):
    world.check(script)


@settings(max_examples=1, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script_in_new_york(new_york: World, script: Script):
    new_york.check(script)


def test_scripts_in_new_york(new_york: World):
    for name in IN_NEW_YORK:
        new_york.check(SCRIPTS[name], WHAT_SCRIPTS_ARE_ABOUT)


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(world: World, name: str):
    world.check(SCRIPTS[name], WHAT_SCRIPTS_ARE_ABOUT)
