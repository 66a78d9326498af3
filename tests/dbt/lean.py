"""dbt without what no test looks at: a quarter of the CPU that it takes, and with that of most tests here.

These are dbt's messages for debugging, the files with the SQL of each node, and the compilation of the same Jinja text
once for each build. What dbt does to a warehouse stays as it is. The stories of tests/local run dbt as it comes.
"""

from types import CodeType
from typing import Any

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
