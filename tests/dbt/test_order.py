"""The law: whatever the order of days and however often, the warehouse is what one full refresh makes of the files."""

import pytest

from tests.dbt.helpers import Company, at, event, user

MODELS = ("+engagement_daily", "+repeats_by_load_day")


def land_company(company: Company) -> None:
    """Five days with a late event, a repeat on another day, a move, a deletion, a visitor, a bot and an empty day."""
    company.land(
        1,
        [event("e1", at(1, "10:00"), "u_1"), event("e2", at(1, "23:50"), "u_2", "content_start", content_id="c_1")],
        users=[user("u_1", "2026-01-01T00:00:00Z", "DE", plan="free"), user("u_2", "2026-01-02T00:00:00Z", "FR")],
        content=[
            {"content_id": "c_1", "changed_at": "2026-01-01T00:00:00Z", "op": "upsert", "content_type": "book_text"}
        ],
        creators=[{"creator_id": "k_1", "changed_at": "2026-01-01T00:00:00Z", "op": "upsert", "name": "Ada"}],
        products=[
            {
                "product_id": "p_1",
                "changed_at": "2026-01-01T00:00:00Z",
                "op": "upsert",
                "price": "9.90",
                "currency": "EUR",
            }
        ],
    )
    company.land(
        2,
        [
            event("e1", at(1, "10:00"), "u_1", platform="ios"),
            event("e3", at(2, "00:10"), "u_2", "content_complete", content_id="c_1"),
            event("e4", at(1, "10:20"), "u_1", "like"),
            event("e5", at(2, "08:00"), None, anonymous_id="a_1"),
            event("e6", at(2, "08:01"), None, anonymous_id="a_2", user_agent="Googlebot/2.1"),
        ],
        users=[user("u_1", at(2, "09:00"), "AT", plan="pro")],
    )
    company.land(3)
    company.land(
        4,
        [
            event("e7", at(4), "u_1", "purchase", product_id="p_1", amount=9.9, currency="EUR"),
            event("e8", at(4), "u_2"),
        ],
        users=[user("u_2", at(4, "06:00"), op="delete"), user("u_1", at(1, "10:10"), "CH")],
        products=[{"product_id": "p_1", "changed_at": at(3), "op": "upsert", "price": "12.00", "currency": "EUR"}],
    )
    company.land(
        5,
        [event("e3", at(2, "00:10"), "u_2", "content_complete", content_id="c_1"), event("e9", at(5), "u_2")],
        users=[user("u_2", at(5, "06:00"), "CH")],
    )


@pytest.mark.parametrize(
    "order",
    [[[5], [4], [3], [2], [1]], [[4, 2], [5, 1, 3]], [[3], [1, 5], [2], [4], [1, 2]]],
    ids=["backwards", "two ranges", "mixed"],
)
def test_any_order_of_days(company, order):
    land_company(company)
    for days in order:
        company.build(*days)
    assert company.differences() == {}
    assert company.query("select count(*) from core.fact_user_events") == [(9,)]


def test_forwards_with_data_tests_after_each_day_and_then_a_full_refresh(company):
    """`--full-refresh` makes what the definitions say, which is what everything else is compared with."""
    land_company(company)
    for number in (1, 2, 3, 4, 5):
        company.build(number, tests=True)
    assert company.differences() == {}
    assert company.query("select count(*) from core.fact_user_events") == [(9,)]
    company.dbt.run("--full-refresh", *company.selected)
    assert company.differences() == {}


def test_what_differs_is_found(company):
    """By the comparison of all these tests: rows that are missing, other values, a view that is not there."""
    land_company(company)
    company.build(1, 2)
    assert company.differences() == {}
    with company.transformer.cursor() as cursor:
        cursor.execute(
            "delete from core.dim_product;"
            "update summaries.fact_daily_totals set events = events + 1;"
            "drop view reporting.engagement_daily"
        )
    found = company.differences()
    assert {side for side, _ in found["core.dim_product"]} == {"wanted"}
    assert {side for side, _ in found["summaries.fact_daily_totals"]} == {"left", "wanted"}
    assert found["reporting.engagement_daily"] == [("left", "is not there")]


def test_days_that_are_built_again_shrink_and_become_empty(company):
    """Of nine events e3 is on the second day and, again, on the fifth; e1 on the first and, again, on the second."""
    events = "select count(*) from core.fact_user_events"
    land_company(company)
    company.build(1, 2, 3, 4, 5)
    company.connection.cursor().execute("update ops.load_day set built_version = null where true")
    company.connection.commit()
    company.build()  # the same files
    assert company.query("select count(*) from ops.build where status = 'succeeded'") == [(2,)]
    assert company.differences() == {}
    company.land(5)
    company.build(5)  # without e9
    assert company.query("select max(activity_date)::text from marts.mart_engagement") == [("2026-03-05",)]
    assert company.query(events) == [(8,)]
    assert company.differences() == {}
    company.land(1)
    company.build(1)  # without e2
    assert company.query("select load_date::text from core.fact_user_events where event_id = 'e1'") == [("2026-03-03",)]
    assert company.query("select platform from core.fact_user_events where event_id = 'e1'") == [("ios",)]
    assert company.query(events) == [(7,)]
    assert company.differences() == {}
    company.land(2, [event("e3", at(2, "00:10"), "u_2", "content_complete", content_id="c_1")])
    company.build(2)  # e3, e7 and e8 stay
    assert company.query(events) == [(3,)]
    assert company.differences() == {}
    company.land(2)
    company.land(4)
    company.build(2, 4)
    assert company.query("select count(*) from marts.mart_engagement") == [(0,)]
    assert company.differences() == {}


def test_backlog_of_weeks_is_built_anew(company):
    """A backlog of at least four weeks and half of all days makes a full build, without --full-refresh."""
    for number in range(1, 31):
        company.land(number, [event(f"e{number}", at(number)), event("again", at(1, "11:00"), "u_2")])
    company.build(30)
    company.build(*range(1, 30))
    assert "fact_user_events" in company.rebuilt()
    assert company.query("select count(*) from core.fact_user_events") == [(31,)]
    assert company.query("select sum(repeated_events) from reporting.repeats_by_load_day") == [(29,)]
    assert company.differences() == {}
