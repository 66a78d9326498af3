"""The proof finds a bug that is planted: each mutation of the dbt project makes a script break the law."""

import pytest

from tests.proof.directed import SCRIPTS
from tests.proof.mutations import IN_NEW_YORK, MUTATIONS
from tests.proof.world import LawBroken, World


@pytest.mark.parametrize("name", MUTATIONS)
def test_planted_bug_is_found(name: str, world: World, new_york: World):
    script, file, good, bad, table = MUTATIONS[name]
    world = new_york if name in IN_NEW_YORK else world
    assert world.definitions  # without the bug
    with world.dbt.planted(file, good, bad):
        try:
            assert table in world.differences(SCRIPTS[script], models=["+" + table.partition(".")[2]])
        except AssertionError as error:
            # A bug may also be so bad that a table refuses it, or a build fails.
            if isinstance(error, LawBroken) or table.partition(".")[2] not in str(error):
                raise
