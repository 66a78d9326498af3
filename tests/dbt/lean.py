"""dbt without what no test looks at: a third of the CPU that it takes, and with that of most tests here.

These are dbt's messages for debugging, the files with the SQL of each node, the compilation of the same Jinja text once
for each build, and a connection of its own for each node. What dbt does to a warehouse stays as it is. The stories of
tests/local run dbt as it comes.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import CodeType, SimpleNamespace
from typing import Any

import psycopg2
from dbt.adapters.postgres import connections
from dbt.contracts.graph.nodes import ParsedNode
from dbt_common.behavior_flags import BehaviorFlagRendered
from dbt_common.clients.jinja import MacroFuzzEnvironment
from dbt_common.events.base_types import BaseEvent, DebugLevel, EventLevel
from dbt_common.events.event_manager import EventManager

_make, _fire, _compile = BaseEvent.__init__, EventManager.fire_event, MacroFuzzEnvironment.compile
_compiled: dict[tuple[type, str], CodeType] = {}


def slim_down() -> None:
    """For the rest of this process."""
    BaseEvent.__init__ = _make_unless_for_debugging
    EventManager.fire_event = _fire_unless_for_debugging
    ParsedNode.write_node = lambda *_: None
    MacroFuzzEnvironment.compile = _compile_once
    # dbt asks whose a flag is even where the flag says so, and looks through all modules for it: 0.1 seconds a call.
    BehaviorFlagRendered._default_source = staticmethod(lambda: "dbt")


def _make_unless_for_debugging(self: BaseEvent, *arguments: Any, **fields: Any) -> None:
    if isinstance(self, DebugLevel):
        self.pb_msg = getattr(self.PROTO_TYPES_MODULE, type(self).__name__)()
    else:
        _make(self, *arguments, **fields)


def _fire_unless_for_debugging(
    self: EventManager, e: BaseEvent, level: EventLevel | None = None, *further: Any, **named: Any
) -> None:
    if not isinstance(e, DebugLevel) or level not in (None, EventLevel.DEBUG):
        _fire(self, e, level, *further, **named)


def _compile_once(self: MacroFuzzEnvironment, source: str, *further: Any, **named: Any) -> CodeType:
    if further or named or not isinstance(source, str):
        return _compile(self, source, *further, **named)
    key = (type(self), source)
    if key not in _compiled:
        _compiled[key] = _compile(self, source)
    return _compiled[key]


@contextmanager
def few_connections() -> Iterator[None]:
    """For one call of dbt, which connects anew for each node: meanwhile it gets again the connections that it closed.

    Each new one costs a process of PostgreSQL that reads the catalogs anew. None of them outlives the block.
    """
    idle: list[_Connection] = []

    def connect(**address: Any) -> _Connection:
        with suppress(IndexError):
            while kept := idle.pop():
                if not select.select([kept], [], [], 0)[0]:  # else the server ended it
                    return kept
                kept.end()
        made = psycopg2.connect(**address, connection_factory=_Connection)
        made.idle = idle
        return made

    connections.psycopg2 = SimpleNamespace(**{**vars(psycopg2), "connect": connect})
    try:
        yield
    finally:
        connections.psycopg2 = psycopg2
        for each in idle:
            each.end()


class _Connection(psycopg2.extensions.connection):
    """One that is kept, as new, when it is closed."""

    idle: list["_Connection"]

    def close(self) -> None:
        try:
            self.rollback()
            self.autocommit = True
            with self.cursor() as cursor:
                cursor.execute("discard all")
            self.autocommit = False
        except psycopg2.Error:
            self.end()
        else:
            self.idle.append(self)

    def end(self) -> None:
        super().close()
