"""Recurring revenue, a person and a month at a time."""

import calendar
import datetime
from decimal import ROUND_HALF_UP, Decimal

from tests.marts.landed import Landed
from tests.marts.outside import equals
from tests.marts.outside.money import euros

PAYMENTS = ("subscription_start", "subscription_renew")
GRACE = datetime.timedelta(days=3)


def later(date: datetime.date, months: int) -> datetime.date:
    year, month = divmod(date.year * 12 + date.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(date.day, calendar.monthrange(year, month + 1)[1]))


class Subscriber:
    """What is known of one person: payments and expiries in order of time."""

    def __init__(self, events: list, rate) -> None:
        events.sort(key=lambda event: (event.at, event.event_type != "subscription_expire", event.event_id))
        self.events = events
        self.rate = rate

    def months(self, payment) -> int:
        return {"monthly": 1, "annual": 12}[payment.properties["plan"]]

    def follows(self, number: int) -> bool:
        """Whether a payment is followed by another before its time is over."""
        if number + 1 == len(self.events) or self.events[number + 1].event_type not in PAYMENTS:
            return False
        over = later(self.events[number].date, self.months(self.events[number]))
        late = GRACE if self.events[number + 1].event_type == "subscription_renew" else datetime.timedelta()
        return self.events[number + 1].date <= over + late

    def ends(self, number: int) -> datetime.date:
        over = later(self.events[number].date, self.months(self.events[number]))
        following = self.events[number + 1] if number + 1 < len(self.events) else None
        if following is not None and (
            self.follows(number) or (following.event_type == "subscription_expire" and following.date <= over + GRACE)
        ):
            return following.date
        return over

    def worth(self, date: datetime.date) -> Decimal | None:
        """What the person pays a month at the end of a date, in euros; None for no subscriber."""
        paid = [
            number for number, event in enumerate(self.events) if event.event_type in PAYMENTS and event.date <= date
        ]
        if not paid or self.ends(paid[-1]) <= date:
            return None
        number = paid[-1]
        price = self._price(number)
        while number > 0 and self.events[number - 1].event_type in PAYMENTS and self.follows(number - 1):
            if self._price(number - 1) != price:
                break
            number -= 1
        first = self.events[number]
        monthly = Decimal(str(first.amount)) * self.rate(first.currency, first.date) / self.months(first)
        return monthly.quantize(Decimal("1e-6"), ROUND_HALF_UP)

    def _price(self, number: int) -> tuple:
        return self.events[number].amount, self.events[number].currency, self.months(self.events[number])


def subscribers(landed: Landed) -> dict[str, Subscriber]:
    people, rate = landed.people, euros(landed)
    told = people[people.event_type.isin([*PAYMENTS, "subscription_expire"])]
    return {
        person: Subscriber(list(rows.itertuples()), rate)
        for person, rows in told.groupby("person")
        if rows.event_type.isin(PAYMENTS).any()
    }


@equals(
    "select month_start, is_complete, mrr_before, new_mrr, reactivation_mrr, expansion_mrr, contraction_mrr,"
    " churned_mrr, mrr, active_subscribers, payments, revenue from reporting.mrr where slice = 'reporting'"
)
def mrr(landed: Landed) -> list[tuple]:
    known, rate = subscribers(landed), euros(landed)
    last = landed.dates[-1]
    # Events can be older than the first month that anybody was active in: the months are those of the dates.
    starts = sorted({date.replace(day=1) for date in landed.dates})
    before: dict[str, Decimal] = {}
    ever: set[str] = set()
    rows = []
    for start in starts:
        end = later(start, 1) - datetime.timedelta(days=1)
        now = {one: worth for one, each in known.items() if (worth := each.worth(min(end, last))) is not None}
        moves = dict.fromkeys(("new", "back", "more", "less", "gone"), Decimal(0))
        for one in now.keys() | before.keys():
            was, worth = before.get(one), now.get(one)
            if was is None:
                moves["back" if one in ever else "new"] += worth
            elif worth is None:
                moves["gone"] += was
            else:
                moves["more" if worth > was else "less"] += abs(worth - was)
        paid = [
            event
            for each in known.values()
            for event in each.events
            if event.event_type in PAYMENTS and event.date.replace(day=1) == start
        ]
        revenue = sum(Decimal(str(event.amount)) * rate(event.currency, event.date) for event in paid)
        rows.append(
            (
                *(start, end <= last, sum(before.values()), *moves.values(), sum(now.values()), len(now)),
                *(len(paid), revenue),
            )
        )
        before = now
        ever |= now.keys()
    return rows
