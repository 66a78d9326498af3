"""Tells runs that wait for a build when to claim. All that wait in this process share one look at the warehouse.

Runs without Airflow.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import psycopg2
from asgiref.sync import sync_to_async

from ingestion.service import Build, BuildState, build_state
from ingestion.warehouse import Warehouse

LOOK_EVERY = 1.0  # seconds between two looks at the warehouse
PATIENCE = 300.0  # seconds for which a warehouse that does not answer is asked again
ASK_EVERY = 10.0  # seconds between two questions whether the holder of the build still runs
TURN = 10.0  # seconds for which only the first in line may claim
ENOUGH = 20  # when so many runs wait, a build begins although others still load
LULL = 20.0  # so many seconds after the last build or newly published day, a build begins although others still load


@dataclass(frozen=True)
class Waiting:
    """A run that waits for its days to be built, or to build."""

    days: frozenset[date]
    rebuild: bool

    def is_through(self, unbuilt: frozenset[date]) -> bool:
        """Whether another run has built its days, and it has nothing else to do."""
        return not self.rebuild and self.days.isdisjoint(unbuilt)


class BuildWatch:
    """Knows who waits for which days, and tells each when it is worth claiming.

    Args:
        is_over: whether a holder does not run any more; may block.
        running: how many runs there are, those that wait included: the others may publish more days; may block.
    """

    def __init__(self, warehouse: Warehouse, is_over: Callable[[str], bool], running: Callable[[], int]) -> None:
        self._warehouse, self._is_over, self._running = warehouse, is_over, running
        self._waiting: list[Waiting] = []
        self._lock = asyncio.Lock()
        self._state = BuildState(None, frozenset())
        self._dead: Build | None = None
        self._looked = self._answered = self._asked = self._grew = self._open_since = float("-inf")
        self._open = False

    async def until_worth_claiming(
        self,
        days: frozenset[date],
        *,
        holder: str,
        rebuild: bool = False,
        say: Callable[[str], None] = lambda text: None,
    ) -> bool:
        """Return False when `days` are built; True when the caller is to claim, because the next build can begin or the
        one that runs is its own: it has claimed before, and died.

        A `rebuild` does not wait for its turn: it may claim as soon as the next build can begin. `say` is told what is
        waited for. Raises `psycopg2.Error` when the warehouse has not answered for `PATIENCE`.
        """
        waiting = Waiting(days, rebuild)
        self._waiting.append(waiting)
        since, said = time.monotonic(), None
        try:
            while True:
                if not await self._look(since):
                    reason = "The warehouse does not answer: asking again"
                elif (rebuild and self._open) or self._holds(holder):
                    return True
                elif waiting.is_through(self._state.unbuilt):
                    return False
                elif self._open and (self._is_first(days) or time.monotonic() - self._open_since > TURN):
                    return True
                else:
                    reason = self._reason()
                if reason != said:
                    say(reason)
                    said = reason
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self._waiting.remove(waiting)

    def _holds(self, holder: str) -> bool:
        return self._state.running is not None and self._state.running.holder == holder

    def _is_first(self, days: frozenset[date]) -> bool:
        # One claim takes every unbuilt day. The others would take a worker only to find their days claimed.
        unbuilt = (waiting.days & self._state.unbuilt for waiting in self._waiting)
        return min(days & self._state.unbuilt) == min(min(each) for each in unbuilt if each)

    def _reason(self) -> str:
        running = self._state.running
        if running is not None and running != self._dead:
            return f"{running.holder} builds: waiting for it"
        return "Other runs are on their way: waiting for them, to build all their days at once"

    async def _look(self, since: float) -> bool:
        """See who builds and what is unbuilt: at most once in `LOOK_EVERY` for all, but at least once after `since`.

        `since` is when the caller began to wait. An older look may be from before the caller's days were published, and
        would take them for built. Gives False when the warehouse did not answer.
        """
        async with self._lock:
            now = time.monotonic()
            if now - self._looked < LOOK_EVERY and self._looked >= since:
                return self._answered >= self._looked
            try:
                state = await asyncio.to_thread(self._read)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):  # cannot be reached, or was lost meanwhile
                if now - max(self._answered, since) > PATIENCE:
                    raise
                self._looked = now
                return False
            if state.running is not None and now - self._asked > ASK_EVERY:
                self._asked = now
                self._dead = state.running if await sync_to_async(self._is_over)(state.running.holder) else None
            # A build whose holder is dead does not count: whoever claims next releases it.
            free = state.running is None or state.running == self._dead
            if state.unbuilt - self._state.unbuilt or not free:
                self._grew = now
            self._looked = self._answered = now
            self._state = state
            opened = free and await self._enough_wait(now)
            if opened and not self._open:
                self._open_since = now
            self._open = opened
            return True

    async def _enough_wait(self, now: float) -> bool:
        """Whether many wait, or no other run is about to publish days that the same build could take."""
        # Those that are through are about to end, and other runs to begin in their place.
        waiting = sum(not each.is_through(self._state.unbuilt) for each in self._waiting)
        if waiting >= ENOUGH or now - self._grew > LULL:
            return True
        return await sync_to_async(self._running)() <= waiting

    def _read(self) -> BuildState:
        with closing(self._warehouse.connect()) as connection:
            return build_state(connection)
