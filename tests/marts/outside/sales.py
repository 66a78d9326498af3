"""Orders and refunds, by day, week and month."""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.money import euros


@equals(
    "select period, period_start, slice, currency, orders, units, gross_amount, refunds, refunded_amount,"
    " refunded_amount_by_order_date, refunds_without_order, refunded_amount_without_order, net_amount,"
    " net_amount_by_order_date, average_order_value, buyers, new_buyers, repeat_buyers, amounts_without_rate"
    " from reporting.sales"
)
def sales(landed: Landed) -> list[tuple]:
    """An order of the company has a line or two, of one person and in one currency; its refunds are in the same."""
    rate = euros(landed)
    people = landed.people
    orders, first_bought = defaultdict(list), {}
    for line in people[people.event_type == "purchase"].itertuples():
        orders[line.order_id].append(line)
        first_bought.setdefault(line.person, line.date)  # events are in order of time
    refunds = list(people[people.event_type == "refund"].itertuples())
    unknown: dict[str, list] = defaultdict(list)
    for line in refunds:
        if line.order_id not in orders:
            unknown[line.order_id].append(line)
    rows = []
    for period in ("day", "week", "month"):
        bought, back, back_of, lost = (defaultdict(list) for _ in range(4))
        for lines in unknown.values():
            lost[landed.start_of(period, lines[0].date)] += lines
        for lines in orders.values():
            bought[landed.start_of(period, lines[0].date)] += lines
        for line in refunds:
            back[landed.start_of(period, line.date)].append(line)
            if line.order_id in orders:  # else its purchase never came
                back_of[landed.start_of(period, orders[line.order_id][0].date)].append(line)
        for start in sorted({landed.start_of(period, date) for date in landed.dates}):
            told = {line.currency for line in (*bought[start], *back[start], *back_of[start])}
            for currency in (None, *sorted(told)):

                def chosen(lines, currency=currency):
                    return [line for line in lines if currency in (None, line.currency)]

                def total(lines, currency=currency):
                    amounts = ((Decimal(str(line.amount)), line) for line in lines)
                    return sum(
                        amount if currency else amount * rate(line.currency, line.date) for amount, line in amounts
                    )

                mine, returned, later = chosen(bought[start]), chosen(back[start]), chosen(back_of[start])
                buyers = {line.person for line in mine}
                new = {one for one in buyers if landed.start_of(period, first_bought[one]) == start}
                value = total(mine)
                number = len({line.order_id for line in mine})
                average = (value / number).quantize(Decimal("0.01"), ROUND_HALF_UP) if mine else None
                rows.append(
                    (
                        *(period, start, "original" if currency else "reporting", currency or "EUR"),
                        *(number, sum(line.quantity for line in mine), value),
                        *(len(returned), total(returned), total(later)),
                        *(len(chosen(lost[start])), total(chosen(lost[start]))),
                        *(value - total(returned), value - total(later), average),
                        *(len(buyers), len(new), len(buyers - new), 0),
                    )
                )
    return rows
