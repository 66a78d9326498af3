"""One look at the warehouse for all triggers that wait in this process, however many they are."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from datetime import date

from asgiref.sync import sync_to_async

from ingestion.service import Build, BuildState, build_state
from ingestion.warehouse import Warehouse

LOOK_EVERY = 1.0  # seconds between two looks at the warehouse
ASK_EVERY = 10.0  # seconds between two questions whether the holder of the build still runs
TURN = 10.0  # seconds for which the others leave it to the first in line to claim
ENOUGH = 16  # runs that wait: a build is worth beginning, and the others can load meanwhile
LULL = 20.0  # seconds without another published day, after which runs that are still loading are not waited for


class BuildWatch:
    """Knows who waits for which days, and tells each when it is worth claiming.

    Args:
        is_over: whether a holder does not run any more; may block.
        running: how many runs there are that may publish more days, those that wait among them; may block.
    """

    def __init__(self, warehouse: Warehouse, is_over: Callable[[str], bool], running: Callable[[], int]) -> None:
        self._warehouse, self._is_over, self._running = warehouse, is_over, running
        self._waiting: list[frozenset[date]] = []
        self._lock = asyncio.Lock()
        self._state = BuildState(None, frozenset())
        self._dead: Build | None = None
        self._looked = self._asked = self._grew = self._open_since = float("-inf")
        self._open = False

    async def until_worth_claiming(
        self, days: frozenset[date], *, rebuild: bool = False, say: Callable[[str], None] = lambda text: None
    ) -> bool:
        """Return False when `days` are built, True when the next build can begin and we are the one to claim it.

        Whoever wants to rebuild everything waits for the next build only. `say` is told what we wait for.
        """
        self._waiting.append(days)
        since, said = time.monotonic(), None
        try:
            while True:
                await self._look(since)
                if rebuild and self._open:
                    return True
                if not rebuild and not days & self._state.unbuilt:
                    return False
                if self._open and (self._is_first(days) or time.monotonic() - self._open_since > TURN):
                    return True
                reason = self._reason()
                if reason != said:
                    say(reason)
                    said = reason
                await asyncio.sleep(LOOK_EVERY)
        finally:
            self._waiting.remove(days)

    def _is_first(self, days: frozenset[date]) -> bool:
        # One claim takes every unbuilt day, so the others would only find their days claimed.
        unbuilt = (waiting & self._state.unbuilt for waiting in self._waiting)
        return min(days & self._state.unbuilt) == min(min(each) for each in unbuilt if each)

    def _reason(self) -> str:
        running = self._state.running
        if running is not None and running != self._dead:
            return f"{running.holder} builds: waiting for it"
        return "Other runs are on their way: waiting for them, to build all their days at once"

    async def _look(self, since: float) -> None:
        """See who builds and what is unbuilt, at most once in `LOOK_EVERY` for all who wait, and once after `since`.

        A look from before we waited may be from before our days were published, and would take them for built.
        """
        async with self._lock:
            now = time.monotonic()
            if now - self._looked < LOOK_EVERY and self._looked >= since:
                return
            state = await asyncio.to_thread(self._read)
            if state.running is not None and now - self._asked > ASK_EVERY:
                self._asked = now
                self._dead = state.running if await sync_to_async(self._is_over)(state.running.holder) else None
            if state.unbuilt - self._state.unbuilt:
                self._grew = now
            # A build whose holder is dead does not count: whoever claims next releases it.
            free = state.running is None or state.running == self._dead
            opened = free and await self._enough_wait(now)
            if opened and not self._open:
                self._open_since = now
            self._looked, self._state, self._open = now, state, opened

    async def _enough_wait(self, now: float) -> bool:
        """Whether many wait, or no other run is about to publish days that the same build could take."""
        if len(self._waiting) >= ENOUGH or now - self._grew > LULL:
            return True
        return await sync_to_async(self._running)() <= len(self._waiting)

    def _read(self) -> BuildState:
        with closing(self._warehouse.connect()) as connection:
            return build_state(connection)
