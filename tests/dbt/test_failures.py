"""Builds that die half-way, and days that are published again while a build runs."""

from ingestion import service
from tests.dbt.helpers import Company, at, day, event, user
from tests.dbt.runner import DbtError

MODELS = ("+engagement_daily",)

STEPS = ["change_records", "event_repeats", "dim_user", "fact_user_events", "fact_sessions", "fact_active_days"]


def land_two_days(company: Company) -> None:
    company.land(
        1,
        [event("e1", at(1, "10:00")), event("e2", at(1, "23:50")), event("gone", at(1, "10:20"), "u_2")],
        users=[user("u_1", "2026-01-01T00:00:00Z", "DE"), user("u_2", "2026-01-01T00:00:00Z", "AT")],
    )
    company.land(2, [event("e2", at(1, "23:50")), event("e3", at(2, "00:10"))], users=[user("u_1", at(2), "FR")])


def land_day_one_again(company: Company) -> None:
    """`gone` and a user's record vanish, the repeat's first arrival too, and a new person is there."""
    company.land(
        1,
        [event("e1", at(1, "10:00")), event("new", at(1, "11:00"), "u_3")],
        users=[user("u_1", "2026-01-01T00:00:00Z", "CH")],
    )


def test_builds_that_died_after_a_step(company):
    """One dies in the middle, its day is landed otherwise, the next dies, and the last one is built.

    For every other step the day is back as it was first: what had vanished comes again, what was new vanishes.
    """
    land_two_days(company)
    company.build(1, 2)
    landed, other = land_day_one_again, land_two_days
    for step in STEPS:
        landed(company)
        company.build(1, until=step)
        other(company)
        company.build(1, until="fact_user_events")
        landed(company)
        company.build(1)
        assert company.differences() == {}, step
        landed, other = other, landed


def test_first_build_that_died(company):
    land_two_days(company)
    company.build(1, until="fact_sessions")
    land_day_one_again(company)
    company.build(1, 2)
    assert "mart_engagement" in company.rebuilt()
    assert company.differences() == {}


def test_full_refresh_that_died_is_made_good(company):
    land_two_days(company)
    company.build(1, 2)
    land_day_one_again(company)
    company.load(1)
    company.dbt.build("--full-refresh", "--select", "+fact_user_events")
    company.views_of = None
    company.build()
    assert "mart_engagement" in company.rebuilt()
    assert company.differences() == {}


def test_rebuild_that_died_is_made_good_by_the_next_build(company):
    """Readers keep their views while everything is computed anew, and what was wrong is right again."""
    land_two_days(company)
    company.build(1, 2)
    with company.transformer.cursor() as cursor:
        cursor.execute("update core.fact_user_events set platform = 'wrong'")
    rebuild = service.claim(company.connection, "rebuild", [], rebuild=True)
    company.dbt.run("--select", "+fact_user_events")
    assert "fact_user_events" in company.rebuilt()
    assert company.query("select count(*) > 0 from reporting.engagement_daily") == [(True,)]
    service.release(company.connection, rebuild)
    land_day_one_again(company)
    company.build(1)
    assert "mart_engagement" in company.rebuilt()
    assert company.differences() == {}


def test_full_refresh_that_came_to_its_end_is_not_repeated(company):
    land_two_days(company)
    company.build(1)
    company.dbt.build("--full-refresh", *company.selected)
    company.build(2)
    assert company.rebuilt() == set()
    assert company.differences() == {}


def test_day_published_again_while_a_build_runs(company):
    land_two_days(company)
    company.build(1, 2)
    for step in ("work_build", "event_repeats", "fact_sessions"):
        land_day_one_again(company)
        company.load(1)
        claim = company.claim()
        company.dbt.run("--select", f"+{step}")
        land_two_days(company)
        company.load(1)
        try:
            company.dbt.run(*company.selected, "--exclude", f"+{step}")
            service.finish(company.connection, claim)
        except DbtError:  # the day now repeats what the claimed one did not: the fact refuses, loudly
            service.release(company.connection, claim)
        assert service.build_state(company.connection).unbuilt == {day(1)}
        company.views_of = None
        company.build()
        assert company.differences() == {}, step


def test_nothing_is_built_without_a_claim(company):
    land_two_days(company)
    company.build(1)
    before = company.query("select count(*), max(load_date)::text from core.fact_user_events")
    company.load(2)
    company.dbt.build(*company.selected)
    assert company.query("select count(*), max(load_date)::text from core.fact_user_events") == before
    company.build()
    assert company.differences() == {}
