"""Typed models of the parts of an API event that the tables need.

The decoder skips all other members without building them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from archive.events.columns import read_bool, read_int32, read_text
from archive.jsontext import parse_loosely

T = TypeVar("T", bound=msgspec.Struct)

Text = str | None
Int32 = Annotated[int, msgspec.Meta(ge=-(1 << 31), lt=1 << 31)] | None


class Camel(msgspec.Struct, rename="camel", gc=False):
    """A part of an event; snake_case here, camelCase in the API."""


class Tag(Camel):
    key: Text = None
    value: Text = None


class Frame(Camel):
    """The fields are in the order of the columns of `frames`."""

    abs_path: Text = None
    filename: Text = None
    function: Text = None
    raw_function: Text = None
    module: Text = None
    package: Text = None
    platform: Text = None
    line_no: Int32 = None
    col_no: Int32 = None
    in_app: bool | None = None
    instruction_addr: Text = None
    symbol: Text = None
    symbol_addr: Text = None
    trust: Text = None
    context: Any = None


def find_place(module: Text, filename: Text, package: Text) -> Text:
    """Return the name of a frame's code, as `frame_place` in sql/views.sql does."""
    if module is None:
        return package if filename is None else filename
    return module


class Stacktrace(Camel):
    frames: list[Frame | None] | None = None


class Mechanism(Camel):
    type: Text = None
    handled: bool | None = None


class ExceptionValue(Camel):
    type: Text = None
    value: Text = None
    thread_id: Any = None
    mechanism: Mechanism | None = None
    stacktrace: Stacktrace | None = None


class Exceptions(Camel):
    values: list[ExceptionValue | None] | None = None


class Thread(Camel):
    id: Any = None
    stacktrace: Stacktrace | None = None


class Threads(Camel):
    values: list[Thread | None] | None = None


class Request(Camel):
    method: Text = None
    url: Text = None
    headers: list[Any] | None = None


class Entry(Camel):
    type: Text = None
    data: msgspec.Raw = msgspec.Raw()


class User(Camel):
    id: Text = None
    email: Text = None
    username: Text = None
    ip_address: Text = msgspec.field(default=None, name="ip_address")


class Sdk(Camel):
    name: Text = None
    version: Text = None


class TraceContext(Camel):
    trace_id: Text = msgspec.field(default=None, name="trace_id")
    span_id: Text = msgspec.field(default=None, name="span_id")


class ReplayContext(Camel):
    replay_id: Text = msgspec.field(default=None, name="replay_id")


class Contexts(Camel):
    trace: TraceContext | None = None
    replay: ReplayContext | None = None


class Metadata(Camel):
    type: Text = None
    value: Text = None


class Event(Camel):
    """The members of EventSerializer and SimpleEventSerializer that become columns.

    Sentry's API has `level`, `environment`, `transaction`, `logger` and `server_name` only as tags;
    stored events, downloads and other servers have them as members too.
    """

    event_id: Text = msgspec.field(default=None, name="eventID")
    group_id: Text = msgspec.field(default=None, name="groupID")
    project_id: Text = msgspec.field(default=None, name="projectID")
    date_created: Any = None
    date_received: Any = None
    end_timestamp: Any = None
    type: Text = None
    event_type: Text = msgspec.field(default=None, name="event.type")
    platform: Text = None
    level: Text = None
    environment: Text = None
    release: Any = None
    dist: Text = None
    transaction: Text = None
    logger: Text = None
    server_name: Text = msgspec.field(default=None, name="server_name")
    title: Text = None
    message: Text = None
    culprit: Text = None
    location: Text = None
    user: User | None = None
    sdk: Sdk | None = None
    contexts: Contexts | None = None
    metadata: Metadata | None = None
    tags: list[Tag | None] | None = None
    errors: list[Any] | None = None
    fingerprints: list[Any] | None = None
    entries: list[Entry | None] | None = None


class Answer(Camel):
    """The eventids answer around an event."""

    group_id: Text = None
    event: Event | None = None


def decode(raw: bytes | msgspec.Raw, kind: type[T]) -> T:
    """Decode JSON into a typed part of an event, tolerating wrong types and loose JSON.

    JSON that the strict decoder rejects (a number as text, NaN, a lone surrogate) is decoded again
    by the standard library, and conformed. Raises ValueError if it is not a JSON object,
    RecursionError if it nests too deeply.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except UnicodeDecodeError as error:
        raise ValueError(f"not valid UTF-8 at byte {error.start} of a string") from error
    except msgspec.DecodeError:
        value = parse_loosely(bytes(raw))
        if not isinstance(value, dict):
            raise ValueError(f"not an object but {type(value).__name__}") from None
        return conform(value, kind)


def conform(value: dict[str, Any], kind: type[T]) -> T:
    """Convert plain objects to a typed part of an event.

    Scalars are converted as for their column; a value of the wrong type is treated as absent.
    """
    return _find_reader(kind)(value)  # type: ignore[no-any-return]


@cache
def _find_reader(kind: Any) -> Callable[[Any], Any]:
    """Return a function that converts anything to a type of this module, or None."""
    if kind in _SCALARS:
        return _SCALARS[kind]
    alternatives = [inner for inner in get_args(kind) if inner is not NoneType]
    if get_origin(kind) is list:
        return _read_list_of(_find_reader(alternatives[0]))
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _read_struct(kind)
    return _find_reader(alternatives[0])


_SCALARS: dict[Any, Callable[[Any], Any]] = {
    Any: lambda value: value,
    Text: read_text,
    Int32: read_int32,
    bool | None: read_bool,
    msgspec.Raw: lambda value: msgspec.Raw(json.dumps(value).encode()),  # keeps NaN
}


def _read_list_of(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: [read(item) for item in value] if isinstance(value, list) else None


def _read_struct(kind: type[msgspec.Struct]) -> Callable[[Any], Any]:
    hints = get_type_hints(kind, include_extras=True)
    members = [
        (field.name, field.encode_name, _find_reader(hints[field.name]))
        for field in msgspec.structs.fields(kind)
    ]

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            return value if isinstance(value, kind) else None
        return kind(**{name: read(value[key]) for name, key, read in members if key in value})

    return read
