"""Recurring revenue, a person and a month at a time."""

import calendar
import datetime
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

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


@equals(
    "select cohort_month, months_since, month_start, is_complete, cohort_subscribers, active_subscribers, survival,"
    " revenue, cumulative_revenue, lifetime_value, mrr, monthly_survival, projected_lifetime_value"
    " from reporting.subscription_cohorts"
)
def cohorts(landed: Landed) -> list[tuple]:
    rate, last = euros(landed), landed.dates[-1]
    by_month = defaultdict(list)
    for each in subscribers(landed).values():
        paid = [event for event in each.events if event.event_type in PAYMENTS]
        by_month[min(event.date for event in paid).replace(day=1)].append((each, paid))
    rows = []
    for cohort, members in by_month.items():
        size, number, start = len(members), 0, cohort
        active, all_revenue, all_mrr = [], Decimal(0), Decimal(0)
        while start <= last:
            end = later(start, 1) - datetime.timedelta(days=1)
            worth = [each.worth(min(end, last)) for each, _ in members]
            worth = [one for one in worth if one is not None]
            revenue = sum(
                Decimal(str(event.amount)) * rate(event.currency, event.date)
                for _, paid in members
                for event in paid
                if start <= event.date <= end
            )
            active.append(len(worth))
            all_revenue += revenue
            all_mrr += sum(worth)
            survival = Fraction(sum(active[1:]), sum(active[:-1])) if number and sum(active[:-1]) else None
            survival = survival if end <= last else None
            projected = None
            if survival is not None and survival < 1:
                projected = (Fraction(all_mrr) + Fraction(sum(worth)) * survival / (1 - survival)) / size
            rows.append(
                (
                    *(cohort, number, start, end <= last, size, len(worth), rounded(Fraction(len(worth), size), 4)),
                    *(revenue, all_revenue, rounded(Fraction(all_revenue) / size, 2), sum(worth)),
                    *(rounded(survival, 4), rounded(projected, 2)),
                )
            )
            number, start = number + 1, later(start, 1)
    return rows


@equals(
    "select cohort_month, is_complete, trials, converted, conversion_rate, mean_days_to_convert"
    " from reporting.trial_conversion"
)
def trials(landed: Landed) -> list[tuple]:
    tried, paid = {}, {}
    for event in landed.people.itertuples():
        if event.event_type == "trial_start":
            tried.setdefault(event.person, event.date)
        elif event.event_type in PAYMENTS:
            paid.setdefault(event.person, event.date)
    months = defaultdict(list)
    for person, date in tried.items():
        days = (paid[person] - date).days if person in paid else None
        months[date.replace(day=1)].append(days if days is not None and 0 <= days <= 30 else None)
    rows = []
    for month, all_days in months.items():
        done = [days for days in all_days if days is not None]
        is_over = later(month, 1) + datetime.timedelta(days=30) <= landed.dates[-1] + datetime.timedelta(days=1)
        mean = rounded(Fraction(sum(done), len(done)), 2) if done else None
        rows.append((month, is_over, len(all_days), len(done), rounded(Fraction(len(done), len(all_days)), 4), mean))
    return rows


def rounded(number: Fraction | None, digits: int) -> Decimal | None:
    """Half away from zero, as numeric is rounded."""
    if number is None:
        return None
    scaled = number * 10**digits
    return Decimal((2 * scaled + 1) // 2 if scaled >= 0 else -((1 - 2 * scaled) // 2)).scaleb(-digits)
