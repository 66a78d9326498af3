"""One module per suite: `expectations(day)` for a raw table's staging table, `expectations(build)` for the marts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Day:
    """What the raw suites need to know about the load they judge.

    Attributes:
        earliest: events and changes before it are ancient (the contracts' setting).
        event_types: the canonical ones.
        due_sources: sources that owe events every day, without those that said they had none (`_EMPTY`).
        staged: raw table (`user_events`) to its staging table (`raw.user_events__20261024`), where there is one.
    """

    load_id: int
    load_date: date
    earliest: date
    event_types: tuple[str, ...]
    due_sources: tuple[str, ...]
    staged: Mapping[str, str]

    @property
    def horizon(self) -> str:
        """The first timestamp that is too far in the future: clocks and time zones may be a day off."""
        return f"{self.load_date + timedelta(days=2)}T00:00:00+00:00"

    @property
    def beginning(self) -> str:
        """The first timestamp that is not ancient."""
        return f"{self.earliest}T00:00:00+00:00"

    def known(self, target: str, key: str) -> dict[str, object]:
        """The names that `unknown_references.sql` needs to look `key` up among the changes of `target`."""
        staged = self.staged.get(target, f"raw.{target}")
        return {"key": key, "published": f"raw.{target}", "staged": staged, "load_date": self.load_date}
