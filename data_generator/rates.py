"""How much of what goes wrong: the one place where the mess is set."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Lags:
    """A share of user-days to which something happens `first` to `last` days later, sooner rather than later."""

    share: float
    first: int
    last: int

    def every(self) -> list[tuple[int, int]]:
        """(lag, m): the lag befalls every m-th user of a day."""
        if not self.share:
            return []
        weights = {lag: 1 / (lag - self.first + 1.5) for lag in range(self.first, self.last + 1)}
        total = sum(weights.values())
        return [(lag, max(1, round(total / (self.share * weight)))) for lag, weight in weights.items()]


@dataclass(frozen=True)
class Rates:
    """Shares of events (the first group), of user-days (lags) and of change records (csv_…); `bot_visits` are per day.

    `Rates(…)` with other numbers makes a company as messy as a test needs it.
    """

    malformed_json: float = 0.0015
    not_an_object: float = 0.0002
    missing_value: float = 0.0015
    unknown_event_type: float = 0.0015
    unparsable_timestamp: float = 0.0010
    future_timestamp: float = 0.0007
    ancient_timestamp: float = 0.0005
    wrong_case: float = 0.0100
    duplicate_same_day: float = 0.0080

    late: Lags = field(default=Lags(share=0.020, first=1, last=30))
    again: Lags = field(default=Lags(share=0.010, first=1, last=7))
    again_events: float = 0.4
    """Of the events of a user-day that is delivered again, this share is."""
    refund: Lags = field(default=Lags(share=0.05, first=3, last=14))

    bot_visits: float = 2.5

    csv_column_count: float = 0.004
    csv_missing_value: float = 0.004
    csv_wrong_case: float = 0.010
