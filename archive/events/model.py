"""An event as Sentry's API tells it, as far as the tables need it.

Only containers are typed: a scalar may be anything, and is judged where it becomes a column.
Members that no column needs are skipped by the decoder without being built.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

from archive.jsontext import compact, parse_loosely

T = TypeVar("T", bound=msgspec.Struct)


class Camel(msgspec.Struct, rename="camel"):
    """A part of an event; snake_case here, camelCase in the API."""


class Tag(Camel):
    key: Any = None
    value: Any = None


class Frame(Camel):
    filename: Any = None
    abs_path: Any = None
    module: Any = None
    package: Any = None
    platform: Any = None
    function: Any = None
    raw_function: Any = None
    symbol: Any = None
    symbol_addr: Any = None
    instruction_addr: Any = None
    trust: Any = None
    context: Any = None
    line_no: Any = None
    col_no: Any = None
    in_app: Any = None


class Stacktrace(Camel):
    frames: list[Frame | None] | None = None


class Mechanism(Camel):
    type: Any = None
    handled: Any = None


class ExceptionValue(Camel):
    type: Any = None
    value: Any = None
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
    method: Any = None
    url: Any = None
    headers: list[Any] | None = None


class Entry(Camel):
    type: Any = None
    data: msgspec.Raw = msgspec.Raw()


class User(Camel):
    id: Any = None
    email: Any = None
    username: Any = None
    ip_address: Any = msgspec.field(default=None, name="ip_address")
    name: Any = None


class Sdk(Camel):
    name: Any = None
    version: Any = None


class TraceContext(Camel):
    trace_id: Any = msgspec.field(default=None, name="trace_id")
    span_id: Any = msgspec.field(default=None, name="span_id")


class ReplayContext(Camel):
    replay_id: Any = msgspec.field(default=None, name="replay_id")


class Contexts(Camel):
    trace: TraceContext | None = None
    replay: ReplayContext | None = None


class Metadata(Camel):
    type: Any = None
    value: Any = None


class Event(Camel):
    """The members of EventSerializer and SimpleEventSerializer that become columns."""

    event_id: Any = msgspec.field(default=None, name="eventID")
    group_id: Any = msgspec.field(default=None, name="groupID")
    project_id: Any = msgspec.field(default=None, name="projectID")
    date_created: Any = None
    date_received: Any = None
    end_timestamp: Any = None
    type: Any = None
    event_type: Any = msgspec.field(default=None, name="event.type")
    platform: Any = None
    dist: Any = None
    title: Any = None
    message: Any = None
    culprit: Any = None
    location: Any = None
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

    organization_slug: Any = None
    project_slug: Any = None
    group_id: Any = None
    event: Event | None = None


def decode(raw: bytes, kind: type[T]) -> T:
    """Decode JSON into a typed part of an event, wrong types and loose JSON forgiven.

    What the strict decoder refuses (a string where a list should be, NaN, a lone surrogate)
    is decoded once more by the standard library, and a value of the wrong type counts as
    absent. Raises ValueError where it is no JSON object, RecursionError where it nests too
    deeply.
    """
    try:
        return msgspec.json.decode(raw, type=kind)
    except UnicodeDecodeError as error:
        raise ValueError(f"not valid UTF-8 at byte {error.start} of a string") from error
    except msgspec.DecodeError:
        value = parse_loosely(raw)
        if not isinstance(value, dict):
            raise ValueError(f"not an object but {type(value).__name__}") from None
        return conform(value, kind)


def conform(value: dict[str, Any], kind: type[T]) -> T:
    """A typed part of an event from plain objects; a value of the wrong type counts as absent."""
    return _conform(value, kind)  # type: ignore[no-any-return]


def compact_json(raw: bytes) -> bytes:
    """Drop white space outside strings, by the fast way where the text is strict JSON."""
    try:
        return msgspec.json.format(raw, indent=-1)
    except (msgspec.DecodeError, RecursionError):
        return compact(raw)


def _conform(value: Any, kind: Any) -> Any:
    if get_origin(kind) is list:
        item = get_args(kind)[0]
        return [_conform(entry, item) for entry in value] if isinstance(value, list) else None
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if not isinstance(value, dict):
            return None
        hints = get_type_hints(kind)
        return kind(
            **{
                field.name: _conform(value[field.encode_name], hints[field.name])
                for field in msgspec.structs.fields(kind)
                if field.encode_name in value
            }
        )
    if kind is msgspec.Raw:
        return msgspec.Raw(json.dumps(value).encode())
    alternatives = [kind for kind in get_args(kind) if kind is not type(None)]
    return _conform(value, alternatives[0]) if alternatives and value is not None else value
