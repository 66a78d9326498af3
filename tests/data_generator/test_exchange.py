"""The exchange rates that the company lands."""

from datetime import date, timedelta


def test_rates_come_on_working_days_some_late_and_some_again(landed):
    told: dict[date, list[date]] = {}  # date of the rate: the days on which it landed
    for day in landed.dates:
        rates = landed.read[day].get("rates.csv")
        assert rates or day.weekday() in (2, 5, 6)
        for row in rates.loaded if rates else ():
            assert (row["quote_currency"], float(row["rate"]) > 0.5) == ("EUR", True)
            told.setdefault(date.fromisoformat(row["date"]), []).append(day)
    assert all(len(days) % 3 == 0 for days in told.values())  # three currencies
    assert {first for first in told if first < landed.start} == {
        landed.start - timedelta(days=number) for number in range(3, 8)
    }
    working = [day for day in landed.dates[:-1] if day.weekday() < 5]
    assert all(day in told for day in working)
    late = [day for day in working if told[day][0] > day]
    assert late and all(day.weekday() == 2 and told[day][0] == day + timedelta(days=1) for day in late)
    again = [day for day in working if len(told[day]) > 3]
    assert again and all(day.weekday() == 4 and told[day][-1] == day + timedelta(days=3) for day in again)
