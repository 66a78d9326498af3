"""Monthly recurring revenue, worked out by hand."""

from decimal import Decimal

from tests.dbt.helpers import Company, at, day, event
from tests.dbt.test_sales import rates

MODELS = ("+mrr", "+subscription_cohorts", "+trial_conversion")

NUMBER = {"n": 0}
LATE = (800, 801)  # load days: 9 and 10 May 2028


def pay(user: str, date: str, amount: float | None = None, kind: str = "subscription_start", **fields) -> dict:
    """An event of a subscription at noon; `plan` monthly and euros unless `fields` say otherwise."""
    NUMBER["n"] += 1
    told = {"plan": "monthly", **fields.pop("properties", {})}
    paid = {} if amount is None else {"amount": amount, "currency": fields.pop("currency", "EUR")}
    return event(f"s{NUMBER['n']}", f"{date}T12:00:00Z", user, kind, properties=told, **paid, **fields)


def renew(user: str, date: str, amount: float | None = None, **fields) -> dict:
    return pay(user, date, amount, "subscription_renew", **fields)


def end(user: str, date: str, kind: str = "subscription_expire") -> dict:
    return pay(user, date, None, kind)


def movements(company: Company, where: str = "slice = 'reporting'") -> dict[str, tuple]:
    """Month: what it came to before, new, reactivation, expansion, contraction, churn, at the end; subscribers."""
    rows = company.query(
        "select to_char(month_start, 'YYYY-MM'), mrr_before, new_mrr, reactivation_mrr, expansion_mrr, contraction_mrr,"
        f" churned_mrr, mrr, active_subscribers from reporting.mrr where {where} order by 1"
    )
    return {month: tuple(numbers) for month, *numbers in rows}


def test_the_movements_of_recurring_revenue(company: Company):
    annual = {"properties": {"plan": "annual"}}
    first = [
        # a cancels and is paid for until 15 March.
        *(end("a", "2027-01-01", "trial_start"), pay("a", "2027-01-15", 10), renew("a", "2027-02-15", 10)),
        *(end("a", "2027-02-20", "subscription_cancel"), end("a", "2027-03-15")),
        # b pays for a year, which ends on the last day of January: not paid for any more at its end.
        pay("b", "2027-01-31", 120, **annual),
        # c takes another plan after ten days, and pays less from March on; no more is heard of c.
        *(pay("c", "2027-01-10", 10), pay("c", "2027-01-20", 20)),
        *(renew("c", "2027-02-20"), renew("c", "2027-03-20", 15)),
        # d comes back after a gap.
        *(pay("d", "2027-01-05", 10), pay("d", "2027-04-01", 10)),
        end("h", "2027-01-02", "trial_start"),  # and nothing after it
    ]
    second = [
        # e pays dollars: 0.9 when the price was first paid, 0.5 at the renewal.
        *(pay("e", "2027-02-01", 10, currency="USD"), renew("e", "2027-03-01", 10, currency="USD")),
        # f pays for a year on a leap day.
        pay("f", "2028-02-29", 120, **annual),
        # Nobody knows what yen are worth.
        pay("i", "2027-06-01", 1000, currency="JPY"),
        # j is renewed every 30 days: two days late in February, and over a day before a month.
        *(pay("j", "2027-01-30", 8), renew("j", "2027-03-01", 8), end("j", "2027-03-31")),
        # k began and ended within June.
        *(pay("k", "2027-06-02", 5), end("k", "2027-06-20")),
        pay("bot", "2027-01-05", 99, user_agent="Googlebot/2.1"),
        event("last", at(LATE[1])),
    ]
    told = [{"date": date, "currency": "USD", "quote_currency": "EUR", "rate": rate} for date, rate in
            (("2027-01-29", 0.9), ("2027-02-15", 0.5))]  # fmt: skip
    company.land(LATE[0], first, rates=told)
    company.land(LATE[1], second)
    company.build(LATE[1])
    company.build(LATE[0])
    found = movements(company)
    assert {month: found[month] for month in sorted(found)[:7]} == {
        "2027-01": (0, 58, 0, 0, 0, 0, 58, 5),
        "2027-02": (58, 9, 0, 0, 0, 10, 57, 5),
        "2027-03": (57, 0, 0, 0, 5, 18, 34, 3),
        "2027-04": (34, 0, 10, 0, 0, 24, 20, 2),
        "2027-05": (20, 0, 0, 0, 0, 10, 10, 1),
        "2027-06": (10, 0, 0, 0, 0, 0, 10, 2),
        "2027-07": (10, 0, 0, 0, 0, 0, 10, 1),
    }
    assert found["2027-12"] == (10, 0, 0, 0, 0, 0, 10, 1)
    assert found["2028-01"] == (10, 0, 0, 0, 0, 10, 0, 0)
    assert found["2028-02"] == (0, 10, 0, 0, 0, 0, 10, 1)
    assert found["2028-05"] == (10, 0, 0, 0, 0, 0, 10, 1)
    assert movements(company, "currency = 'USD'") == {
        "2027-02": (0, 10, 0, 0, 0, 0, 10, 1),
        "2027-03": (10, 0, 0, 0, 0, 0, 10, 1),
        "2027-04": (10, 0, 0, 0, 0, 10, 0, 0),
    }
    more = company.query(
        "select to_char(month_start, 'MM'), subscribers_without_amount, churn_rate, payments, revenue, periods_due,"
        " periods_renewed from reporting.mrr where slice = 'reporting'"
        " and month_start between '2027-02-01' and '2027-06-01' order by 1"
    )
    assert more == [
        ("02", 0, Decimal("0.2"), 3, 19, 3, 2),  # due: a and c renewed, d not
        ("03", 0, Decimal("0.4"), 3, 28, 5, 3),  # c, e and j renewed, a and j not
        ("04", 0, Decimal("0.6667"), 1, 10, 2, 0),
        ("05", 0, Decimal("0.5"), 0, 0, 1, 0),
        ("06", 1, Decimal(0), 2, 5, 1, 0),
    ]
    trials = "select to_char(cohort_month, 'YYYY-MM'), trials, converted, conversion_rate, mean_days_to_convert"
    assert company.query(f"{trials} from reporting.trial_conversion") == [("2027-01", 2, 1, Decimal("0.5"), 14)]
    cohort = company.query(
        "select months_since, cohort_subscribers, active_subscribers, revenue, lifetime_value, mrr, monthly_survival,"
        " projected_lifetime_value from reporting.subscription_cohorts"
        " where cohort_month = '2027-01-01' and months_since < 3 order by 1"
    )
    assert cohort == [
        (0, 5, 5, 178, Decimal("35.6"), 58, None, None),
        (1, 5, 4, 10, Decimal("37.6"), 48, Decimal("0.8"), Decimal("59.6")),  # (58 + 48 + 48 * 0.8 / 0.2) / 5
        (2, 5, 2, 23, Decimal("42.2"), 25, Decimal("0.6667"), Decimal("36.2")),  # (131 + 25 * 2) / 5
    ]
    assert company.differences() == {}


def test_a_month_that_is_not_over_is_as_of_its_last_date(company: Company):
    """Paid for until 22 March: not gone yet on the 10th, gone when the 23rd is there and nothing has come."""
    company.land(9, [pay("a", "2026-02-22", 10), event("e1", at(9))])
    company.land(22, [event("e2", at(22))])
    company.build(9)
    assert movements(company)["2026-03"] == (10, 0, 0, 0, 0, 0, 10, 1)
    company.build(22)
    assert movements(company)["2026-03"] == (10, 0, 0, 0, 0, 10, 0, 0)
    assert company.differences() == {}


def test_a_rate_that_comes_late_restates_the_months_of_the_price_that_it_belongs_to(company: Company):
    company.land(1, [pay("a", "2026-01-10", 10, currency="USD"), renew("a", "2026-02-10", 10, currency="USD")])
    company.land(2, [event("e1", at(2))], rates=rates((-51, "USD", 0.9)))  # 9 January
    company.build(1)
    assert [numbers[-2:] for numbers in movements(company).values()] == [(0, 1), (0, 1)]
    company.build(2)
    assert day(-51).isoformat() == "2026-01-09"
    assert [numbers[-2:] for numbers in movements(company).values()] == [(9, 1), (9, 1), (9, 1)]
    assert company.differences() == {}
