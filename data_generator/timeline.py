"""Things that change at known moments (users, products, content, creators), and their change records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data_generator.company import NEVER


@dataclass(frozen=True)
class Timeline:
    """The moments at which `n` things come, change, go and come back.

    `changes` is int32 [n, slots]: created first, then every other change. `deleted` and `returned` are int32 [n].
    All are seconds since `start`, NEVER for what does not happen.
    """

    changes: np.ndarray
    deleted: np.ndarray
    returned: np.ndarray

    @property
    def created(self) -> np.ndarray:
        return self.changes[:, 0]

    def exists(self, things: np.ndarray, moment: np.ndarray | int) -> np.ndarray:
        """bool: is each of `things` there at `moment`?"""
        away = (self.deleted[things] <= moment) & (moment < self.returned[things])
        return (self.created[things] <= moment) & ~away

    def records(self, since: int, until: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Change records with since <= moment < until: (thing, moment, is_delete), ordered by moment, then thing."""
        thing, slot = np.nonzero((self.changes >= since) & (self.changes < until))
        moment = self.changes[thing, slot]
        kept = self.exists(thing, moment)  # nothing changes while the thing is gone
        gone = np.flatnonzero((self.deleted >= since) & (self.deleted < until))
        back = np.flatnonzero((self.returned >= since) & (self.returned < until))
        thing = np.concatenate([thing[kept], back, gone])
        moment = np.concatenate([moment[kept], self.returned[back], self.deleted[gone]])
        is_delete = np.arange(len(thing)) >= len(thing) - len(gone)
        _, first = np.unique((moment.astype(np.int64) << 32) + thing, return_index=True)
        return thing[first], moment[first], is_delete[first]

    def standing(self, moment: int) -> tuple[np.ndarray, np.ndarray]:
        """What exists just before `moment`: (thing, moment of its latest change), ordered by thing."""
        last = np.where(self.changes < moment, self.changes, -NEVER).max(axis=1)
        last = np.where(self.returned < moment, np.maximum(last, self.returned), last)
        thing = np.flatnonzero(self.exists(np.arange(len(last)), moment - 1))
        return thing, last[thing]


def moments(values: np.ndarray) -> np.ndarray:
    """int32 moments from float or int64 seconds; what lies beyond int32 (68 years) never happens."""
    return np.minimum(values, NEVER).astype(np.int32)
