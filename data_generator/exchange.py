"""Exchange rates: what the company's bank tells of its currencies, in euros, on working days."""

from __future__ import annotations

import csv
import io
from math import sin

from data_generator.company import CURRENCIES, Company
from data_generator.landing import File

HOME = "EUR"
BASE = {"CHF": 1.05, "GBP": 1.16, "USD": 0.91}
"""What one unit is worth in euros, roughly."""
LATE_WEEKS, WRONG_WEEKS = 5, 7
"""Each so many weeks the Wednesday's rates land a day late, and those of a Friday are corrected on Monday."""
EARLIER_DAYS = 7
"""On its first day the company lands the rates of so many days before, too."""


def write_rates(day: int, company: Company) -> File | None:
    """`rates.csv` of a day, or None where nothing is told: at weekends, and on a Wednesday whose rates are late."""
    told = [(day, 1.0)] if _is_told_in_time(day, company) else []
    if day == 0:
        told += [(earlier, 1.0) for earlier in range(-EARLIER_DAYS, 0) if _weekday(earlier, company) < 5]
    elif _weekday(day, company) == 3 and not _is_told_in_time(day - 1, company):
        told.append((day - 1, 1.0))
    if day > 0 and _weekday(day, company) == 0 and _week(day - 3, company) % WRONG_WEEKS == 0:
        told.append((day - 3, 1.01))
    if not told:
        return None
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["date", "currency", "quote_currency", "rate"])
    for date, factor in sorted(told):
        for currency in CURRENCIES:
            if currency != HOME:
                rate = _rate(currency, date, company) * factor
                writer.writerow([company.date_of(date), currency, HOME, f"{rate:.4f}"])
    return File("rates.csv", text.getvalue().encode(), len(told) * (len(CURRENCIES) - 1))


def _weekday(day: int, company: Company) -> int:
    return company.date_of(day).weekday()


def _week(day: int, company: Company) -> int:
    return company.date_of(day).toordinal() // 7


def _is_told_in_time(day: int, company: Company) -> bool:
    weekday = _weekday(day, company)
    return weekday < 5 and not (weekday == 2 and _week(day, company) % LATE_WEEKS == 0)


def _rate(currency: str, day: int, company: Company) -> float:
    """A slow wave of some percent, and a little noise."""
    number = CURRENCIES.index(currency)
    noise = float(company.streams.uniform("rate", number, company.date_of(day).toordinal())) - 0.5
    return BASE[currency] * (1 + 0.04 * sin(day / 60 + number) + 0.006 * noise)
