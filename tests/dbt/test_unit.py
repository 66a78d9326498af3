"""dbt's unit tests pass, in whatever build they run."""

from tests.dbt.helpers import Company, at, event


def test_unit_tests_run_in_a_build_and_in_a_full_refresh_of_one_manifest(company: Company):
    # Before the first of the two builds, only what has unit tests has to stand.
    company.select("+test_type:unit")
    company.land(1, [event("e1", at(1))])
    company.build(1)
    for arguments in ([], ["--full-refresh"]):
        statuses = company.dbt.build(*arguments, unit_tests=True)
        assert {status for name, status in statuses.items() if name.startswith("unit_test.")} == {"pass"}
