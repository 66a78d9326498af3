"""The staged load days that the raw suites judge."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from ingestion.service import Lines, staging_table


@dataclass(frozen=True)
class Day:
    """One load that is staged.

    Attributes:
        due_sources: sources that owe this day events, as the load found them; not those that said they had none.
    """

    load_id: int
    load_date: date
    due_sources: tuple[str, ...]


@dataclass(frozen=True)
class Days:
    """What the raw suites need to know about the loads they judge, one or more, in order.

    The rules are the same for any number of days. A rule holds for several days exactly when it holds for each of them.

    Attributes:
        earliest: events and changes before it are ancient (the contracts' setting).
        event_types: the canonical ones.
        held_back_at_most: by source, the share of a file's lines that may be held back (the contracts' setting).
        lines: by source and kind of file, how many lines a day has (the contracts' setting); only where it is bounded.
    """

    loads: tuple[Day, ...]
    earliest: date
    event_types: tuple[str, ...]
    held_back_at_most: Mapping[str, float] = field(default_factory=dict)
    lines: Mapping[tuple[str, str], Lines] = field(default_factory=dict)

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(day.load_date for day in self.loads)

    def only(self, dates: frozenset[date]) -> "Days":
        return replace(self, loads=tuple(day for day in self.loads if day.load_date in dates))

    def parts(self, suspects: frozenset[date]) -> list["Days"]:
        """Each of the suspects alone, and all others together; without suspects, the earlier half and the later one."""
        if suspects:
            others = self.only(frozenset(self.dates) - suspects)
            return [*(self.only(frozenset({day})) for day in sorted(suspects)), *([others] if others.loads else [])]
        middle = len(self.loads) // 2
        return [replace(self, loads=self.loads[:middle]), replace(self, loads=self.loads[middle:])]

    def rows(self, target: str) -> str:
        """A query for all that is staged for a raw table: its columns, and `staged_for`, the load day."""
        if target == "user_events":
            return "\nunion all\n".join(
                f"select date '{day}' as staged_for, staged.* from raw.{staging_table(target, day)} as staged"
                for day in self.dates
            )
        dates = ", ".join(f"date '{day}'" for day in self.dates)
        return (
            f"select load_date as staged_for, staged.* from raw.{staging_table(target)} as staged"
            f" where load_date in ({dates})"
        )

    def known(self, target: str, key: str) -> dict[str, object]:
        """The names that `unknown_references.sql` needs to look `key` up among the changes of `target`."""
        return {"key": key, "published": f"raw.{target}", "staged": f"({self.rows(target)})"}
