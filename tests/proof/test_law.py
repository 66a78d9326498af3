"""The law: for any landed files, every order of loads and builds ends in the warehouse that one full refresh makes.

A few examples here; `make proof EXAMPLES=500` runs more. A script that broke the law once stays, in `test_scripts`.
"""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.proof.directed import IN_NEW_YORK, SCRIPTS
from tests.proof.scripts import scripts
from tests.proof.world import Script, World

ALWAYS_THE_SAME = {
    "derandomize": True,
    "deadline": None,
    "database": None,
    "report_multiple_bugs": False,
    "suppress_health_check": list(HealthCheck),
}


@settings(max_examples=4, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script(world: World, script: Script):
    world.check(script)


@settings(max_examples=2, **ALWAYS_THE_SAME)
@given(script=scripts())
def test_any_script_in_new_york(new_york: World, script: Script):
    new_york.check(script)


def test_scripts_in_new_york(new_york: World):
    for name in IN_NEW_YORK:
        new_york.check(SCRIPTS[name])


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts(world: World, name: str):
    world.check(SCRIPTS[name])
