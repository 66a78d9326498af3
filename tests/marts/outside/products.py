"""Products: who views and buys them, their ranks, and what is bought together."""

import datetime
from collections import Counter, defaultdict
from decimal import ROUND_HALF_UP, Decimal
from itertools import permutations

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.money import euros


@equals(
    "select period, period_start, dimension, item, views, viewers, buyers, units, revenue, units_rank,"
    " previous_units_rank, rank_change from reporting.product_popularity"
)
def popularity(landed: Landed) -> list[tuple]:
    rate, people = euros(landed), landed.people
    told = [line for line in people.itertuples() if line.event_type in ("product_view", "purchase") and line.product_id]
    rows = []
    for period in ("day", "week", "month"):
        cells = defaultdict(list)
        for line in told:
            start = landed.start_of(period, line.date)
            cells[start, "product", line.product_id].append(line)
            category = landed.state("products", line.product_id, line.at).get("category") or "unknown"
            cells[start, "category", category].append(line)
        units = {
            key: sum(line.quantity for line in lines if line.event_type == "purchase") for key, lines in cells.items()
        }
        sold = defaultdict(list)
        for (start, dimension, _), number in units.items():
            sold[start, dimension].append(number)
        ranks = {key: 1 + sum(other > number for other in sold[key[:2]]) for key, number in units.items() if number}
        for (start, dimension, item), lines in cells.items():
            views = [line.person for line in lines if line.event_type == "product_view"]
            bought = [line for line in lines if line.event_type == "purchase"]
            before = landed.start_of(period, start - datetime.timedelta(days=1))
            rank, earlier = ranks.get((start, dimension, item)), ranks.get((before, dimension, item))
            rows.append(
                (
                    *(period, start, dimension, item, len(views), len(set(views))),
                    *(len({line.person for line in bought}), units[start, dimension, item]),
                    sum(Decimal(str(line.amount)) * rate(line.currency, line.date) for line in bought),
                    *(rank, earlier, earlier - rank if rank and earlier else None),
                )
            )
    return rows


@equals(
    "select last_date, product_id, other_product_id, orders_together, orders, other_orders, all_orders, support,"
    " confidence, lift from reporting.bought_together"
)
def together(landed: Landed) -> list[tuple]:
    last, baskets = landed.dates[-1], defaultdict(set)
    for line in landed.people.itertuples():
        if line.event_type == "purchase" and (last - line.date).days < 90:
            baskets[line.order_id].add(line.product_id)
    single = Counter(product for basket in baskets.values() for product in basket)
    pairs = Counter(pair for basket in baskets.values() for pair in permutations(basket, 2))
    everything = Decimal(len(baskets))

    def rounded(number: Decimal, places: str = "1e-4") -> Decimal:
        return number.quantize(Decimal(places), ROUND_HALF_UP)

    return [
        (
            *(last, one, other, number, single[one], single[other], everything),
            *(rounded(number / everything, "1e-6"), rounded(Decimal(number) / single[one])),
            rounded(number * everything / (single[one] * single[other])),
        )
        for (one, other), number in pairs.items()
    ]
