"""Exchange rates as the company's bank told them. Not a mart of its own: the other modules ask here."""

import csv
import datetime
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal

from tests.marts.landed import Landed


def euros(landed: Landed) -> Callable[[str | None, datetime.date], Decimal | None]:
    """A function of currency and date: what one unit was worth, by the rate of the date, else the last before it."""
    told: dict[str, dict[datetime.date, Decimal]] = {}
    for day in sorted((landed.folder / "app").iterdir()):
        if (day / "rates.csv").exists():
            with (day / "rates.csv").open(newline="") as file:
                for row in csv.DictReader(file):
                    of_currency = told.setdefault(row["currency"], {})
                    of_currency[datetime.date.fromisoformat(row["date"])] = Decimal(row["rate"])  # a later day corrects

    def rate(currency: str | None, date: datetime.date) -> Decimal | None:
        if currency == "EUR":
            return Decimal(1)
        dates = sorted(told.get(currency, ()))
        number = bisect_right(dates, date)
        return told[currency][dates[number - 1]] if number else None

    return rate
