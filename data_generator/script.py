"""Tables of events, and the script that writes the events of many sessions at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from data_generator.streams import Streams
from data_generator.vocabulary import EVENT

COLUMNS: dict[str, tuple[type, int]] = {
    "event": (np.uint8, 0),
    "ts": (np.int64, 0),  # milliseconds since `start`
    "user": (np.int32, -1),
    "anonymous": (np.uint64, 0),
    "client": (np.uint16, 0),
    "content": (np.int32, -1),
    "product": (np.int32, -1),
    "seconds": (np.int32, -1),
    "cents": (np.int32, -1),
    "currency": (np.uint8, 0),
    "properties": (np.uint8, 0),
    "place": (np.uint8, 0),
    "page": (np.uint8, 0),
    "campaign": (np.uint8, 0),
    "session": (np.uint64, 0),  # 0: in no session of an app
    "quantity": (np.uint8, 0),
    "key": (np.uint64, 0),  # unique per event: the seed of its id
    "day": (np.int32, 0),  # on which its session began
    "role": (np.uint8, 0),
    "lag": (np.uint8, 0),  # days until it is delivered
    "clean": (np.bool_, 0),  # exempt from mess: bots, and what servers send (sign-ups, billing)
}
Table = dict[str, np.ndarray]
"""Columns of events, named and typed as in COLUMNS, all of one length."""


def concat(tables: list[Table]) -> Table:
    return {name: np.concatenate([table[name] for table in tables]) for name in COLUMNS}


def take(table: Table, rows: np.ndarray) -> Table:
    return {name: column[rows] for name, column in table.items()}


Pause = tuple[float, float] | np.ndarray | None
"""Seconds between two steps: a range to draw from, an array [n] of whole seconds, or None for at once."""
Column = int | np.ndarray | Callable[[np.ndarray], np.ndarray]
"""A column of a step: a number, an array [n], or a function of the rows concerned, called once they are there."""


@dataclass
class Script:
    """Writes the events of many sessions step by step: each session has a clock, and each step moves it on.

    `session` is uint64 [n], unique per session; `clock` milliseconds since `start`; the shared columns are [n].
    """

    streams: Streams
    session: np.ndarray
    clock: np.ndarray
    shared: Table
    steps: list[tuple[np.ndarray, Table]] = field(default_factory=list)

    def step(self, event: str, who: np.ndarray, pause: Pause, **columns: Column) -> None:
        """One event for the sessions in `who` (bool [n]), `pause` after the step before."""
        rows = np.flatnonzero(who)
        key = self.session[rows] * np.uint64(64) + np.uint64(len(self.steps))
        if pause is not None:
            chance = self.streams.uniform("pause", key)
            low, width = (pause[rows], 1) if isinstance(pause, np.ndarray) else (pause[0], pause[1] - pause[0])
            self.clock[rows] += ((low + width * chance) * 1000).astype(np.int64)
        values = {
            name: column(rows) if callable(column) else column[rows] if isinstance(column, np.ndarray) else column
            for name, column in columns.items()
        }
        self.steps.append((rows, {"event": EVENT[event], "key": key, "ts": self.clock[rows], **values}))

    def table(self) -> Table:
        total = sum(len(rows) for rows, _ in self.steps)
        table = {name: np.full(total, default, dtype) for name, (dtype, default) in COLUMNS.items()}
        at = 0
        for rows, step in self.steps:
            here = slice(at, at + len(rows))
            at += len(rows)
            table["session"][here] = self.session[rows]
            for name, column in self.shared.items():
                table[name][here] = column[rows]
            for name, column in step.items():
                table[name][here] = column
        return table


def table_of(length: int, **columns: object) -> Table:
    """A table with these columns, numbers or arrays, and the defaults for all others."""
    table = {name: np.full(length, default, dtype) for name, (dtype, default) in COLUMNS.items()}
    for name, column in columns.items():
        table[name][:] = column
    return table
