"""The log entry: a message and its parameters (Relay 24.9, protocol/logentry.rs)."""

from typing import Any

from archive.events.protocol.bag import MEDIUM, any_value
from archive.events.protocol.meta import Meta, push_down
from archive.events.protocol.mode import expect
from archive.events.protocol.scalars import MESSAGE
from archive.events.protocol.struct import Field, Struct
from archive.events.protocol.values import to_json


def _coerce(value: Any, meta: Meta) -> Any:
    """Accept the old top-level message, which was a text or any other value but false."""
    if type(value) is dict:
        return value
    if value is False:
        meta.clear()
        return None
    push_down(meta, "formatted")
    return {"formatted": value if type(value) is str else to_json(value)}


LOG_ENTRY = Struct(
    "logentry",
    Field("message", MESSAGE),
    Field("formatted", MESSAGE),
    Field("params", expect("message parameters", (dict, list), any_value(MEDIUM))),
    coerce=_coerce,
)
