"""Orders, refunds and exchange rates, worked out by hand."""

from decimal import Decimal

import pytest

from tests.dbt.helpers import Company, at, day, event

MODELS = ("+sales", "+product_popularity", "+bought_together")


def purchase(event_id: str, ts: str, amount: float, user: str = "u_1", order: str | None = None, **fields) -> dict:
    order_id = {"order_id": order} if order else {}
    return event(event_id, ts, user, "purchase", amount=amount, **{"currency": "EUR", **order_id, **fields})


def refund(event_id: str, ts: str, amount: float, order: str, **fields) -> dict:
    return event(event_id, ts, event="refund", amount=amount, order_id=order, **{"currency": "EUR", **fields})


def rates(*told: tuple[int, str, float]) -> list[dict]:
    """Of (day, currency, euros)."""
    return [
        {"date": day(number), "currency": currency, "quote_currency": "EUR", "rate": rate}
        for number, currency, rate in told
    ]


def sales(company: Company, columns: str, period: str = "day", where: str = "slice = 'reporting'") -> list[tuple]:
    return company.query(
        f"select period_start, {columns} from reporting.sales where period = '{period}' and {where}"
        " order by period_start, currency"
    )


def test_an_order_of_several_lines_and_its_refund_which_came_before_it(company: Company):
    """o_1: two lines on the 2nd, 10 and 15; 5 of it went back on the 3rd, which lands first."""
    company.select("+sales")
    company.land(3, [refund("r1", at(3), 5, "o_1"), refund("r2", at(3), 7, "o_9")])
    company.land(
        4,
        [
            purchase("e1", at(2), 10, order="o_1", quantity=2),
            purchase("e2", at(2, "12:01"), 15, order="o_1"),
            purchase("e3", at(4), 20),
            purchase("e4", at(4), 20, "u_2"),
            purchase("bot", at(4), 20, user_agent="Googlebot/2.1"),
        ],
    )
    columns = (
        "orders, units, gross_amount, refunds, refunded_amount, refunded_amount_by_order_date, refunds_without_order,"
        " net_amount, net_amount_by_order_date, average_order_value, buyers, new_buyers, repeat_buyers"
    )
    company.build(3)
    # Neither order is known.
    assert sales(company, columns) == [(day(3), 0, 0, 0, 2, 12, 0, 2, -12, 0, None, 0, 0, 0)]
    company.build(4)
    assert sales(company, columns) == [
        (day(2), 1, 3, 25, 0, 0, 5, 0, 25, 20, 25, 1, 1, 0),
        (day(3), 0, 0, 0, 2, 12, 0, 1, -12, 0, None, 0, 0, 0),
        (day(4), 2, 2, 40, 0, 0, 0, 0, 40, 40, 20, 2, 1, 1),
    ]
    # 2 March 2026 is day 1: all are in one week and one month.
    whole = [(3, 5, 65, 2, 12, 5, 1, 53, 60, Decimal("21.67"), 2, 2, 0)]
    assert sales(company, columns, "week") == [(day(1), *whole[0])]
    assert sales(company, columns, "month") == [(day(0), *whole[0])]
    assert company.differences() == {}


def test_the_rate_of_the_day_else_the_last_before_it(company: Company):
    """Dollars of days without a rate take the last one before; a rate that comes late restates its dates alone."""
    company.select("+sales")
    lines = [purchase(f"e{number}", at(number), 100, currency="USD") for number in range(1, 7)]
    lines += [purchase("yen", at(6), 500, currency="JPY"), purchase("bare", at(6), 3, currency=None)]
    lines += [event("later", at(8))]
    company.land(8, lines, rates=rates((2, "USD", 0.9), (5, "USD", 0.8)))
    company.land(9, rates=rates((3, "USD", 0.95), (7, "USD", 0.5)))
    company.build(8)
    columns = "gross_amount, amounts_without_rate, average_order_value"
    assert sales(company, columns)[:6] == [
        (day(1), 0, 1, None),
        (day(2), 90, 0, 90),
        (day(3), 90, 0, 90),
        (day(4), 90, 0, 90),
        (day(5), 80, 0, 80),
        (day(6), 80, 2, 80),
    ]
    own = f"slice = 'original' and period_start = '{day(6)}'"
    assert sales(company, "currency, orders, gross_amount", where=own) == [
        (day(6), "JPY", 1, 500),
        (day(6), "USD", 1, 100),
        (day(6), "unknown", 1, 3),
    ]
    company.build(9)
    assert [row[1] for row in sales(company, columns)[:6]] == [0, 90, 95, 95, 80, 80]
    changed = company.query("select distinct event_date from work.log__fact_sales__event_date order by 1")
    assert changed == [(day(3),), (day(4),)]
    assert company.differences() == {}


def test_a_rate_is_corrected_by_the_one_that_landed_last_and_taken_back(company: Company):
    company.select("+sales")
    lines = [purchase("e1", at(3), 100, currency="USD")]
    company.land(3, lines, rates=rates((2, "USD", 0.9), (3, "USD", 9)))
    company.land(4, rates=rates((3, "USD", 0.8)))
    company.build(4)
    company.build(3)
    assert sales(company, "gross_amount") == [(day(3), 80)]
    assert company.differences() == {}


@pytest.mark.parametrize("currency", ["USD", "GBP"])
def test_another_reporting_currency_rebuilds_what_is_told_in_it(company: Company, currency: str):
    """Euros by the inverse of a rate; pounds in dollars by way of the euro."""
    company.select("+sales")
    company.land(
        2,
        [purchase("e1", at(2), 100), purchase("e2", at(2), 100, currency="GBP")],
        rates=rates((2, "USD", 0.8), (2, "GBP", 1.25)),
    )
    company.build(2)
    assert sales(company, "gross_amount") == [(day(2), 225)]
    company.dbt.settings["REPORTING_CURRENCY"] = currency
    try:
        company.land(3, [event("e3", at(3))])
        company.build(3)
        assert "fact_sales" in company.rebuilt() and "fact_commerce_events" not in company.rebuilt()
        worth = {"USD": Decimal("281.25"), "GBP": Decimal(180)}
        assert sales(company, "currency, gross_amount")[0] == (day(2), currency, worth[currency])
    finally:
        company.dbt.settings["REPORTING_CURRENCY"] = "EUR"


def test_products_their_ranks_and_what_is_bought_together(company: Company):
    """p_1 and p_2 are in o_1 and o_2, p_1 and p_3 in o_3; p_2 leads on the 3rd, p_1 on the 4th."""
    product = {"op": "upsert", "changed_at": at(1)}
    things = [{**product, "product_id": f"p_{number}", "category": "books", "name": f"P{number}"} for number in (1, 2)]
    company.land(
        4,
        [
            event("v1", at(3), "u_9", "product_view", product_id="p_1"),
            event("v2", at(3), "u_9", "product_view", product_id="p_1"),
            purchase("e1", at(3), 10, order="o_1", product_id="p_1"),
            purchase("e2", at(3), 30, order="o_1", product_id="p_2", quantity=3),
            purchase("e3", at(4), 10, order="o_2", product_id="p_1", quantity=2),
            purchase("e4", at(4), 10, order="o_2", product_id="p_2"),
        ],
        products=things,
    )
    company.land(
        5,
        [
            purchase("e5", at(4), 10, "u_2", order="o_3", product_id="p_1"),
            purchase("e6", at(4), 10, "u_2", order="o_3", product_id="p_3"),
            purchase("e7", at(4), 10, "u_2", order="o_4", product_id="p_3"),
        ],
    )
    company.build(5)
    company.build(4)
    products = (
        "select item, item_name, views, viewers, buyers, units, revenue, units_rank, previous_units_rank, rank_change"
        " from reporting.product_popularity where period = 'day' and dimension = '{}' and period_start = '{}'"
        " order by 1"
    )
    assert company.query(products.format("product", day(3))) == [
        ("p_1", "P1", 2, 1, 1, 1, 10, 2, None, None),
        ("p_2", "P2", 0, 0, 1, 3, 30, 1, None, None),
    ]
    assert company.query(products.format("product", day(4))) == [
        ("p_1", "P1", 0, 0, 2, 3, 20, 1, 2, 1),
        ("p_2", "P2", 0, 0, 1, 1, 10, 3, 1, -2),
        ("p_3", None, 0, 0, 1, 2, 20, 2, None, None),
    ]
    assert company.query(products.format("category", day(4))) == [
        ("books", "books", 0, 0, 2, 4, 30, 1, 1, 0),
        ("unknown", "unknown", 0, 0, 1, 2, 20, 2, None, None),
    ]
    together = (
        "select product_id, other_product_id, orders_together, support, confidence, lift from reporting.bought_together"
        " order by 1, 2"
    )
    assert company.query(together) == [
        ("p_1", "p_2", 2, Decimal("0.5"), Decimal("0.6667"), Decimal("1.3333")),
        ("p_1", "p_3", 1, Decimal("0.25"), Decimal("0.3333"), Decimal("0.6667")),
        ("p_2", "p_1", 2, Decimal("0.5"), Decimal(1), Decimal("1.3333")),
        ("p_3", "p_1", 1, Decimal("0.25"), Decimal("0.5"), Decimal("0.6667")),
    ]
    assert company.differences() == {}
