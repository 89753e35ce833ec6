"""Stored bodies for the tables: without what no column holds, and with shared frames.

The decoder skips all other members without building them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET

from archive.events.api.event import event_to_api
from archive.events.api.frames import SharedFrame
from archive.events.api.generation import NEWEST
from archive.events.api.tags import SharedTag
from archive.events.protocol.interfaces import TAGS
from archive.events.protocol.meta import Meta
from archive.events.protocol.mode import Mode
from archive.events.protocol.renormalize import STORED, renormalize
from archive.events.protocol.stacktrace import FRAME

# Members that Sentry makes tags of when it stores an event; a column takes them where it has not.
_TAGGED = ("level", "environment", "release", "dist", "transaction", "logger", "server_name")
_EXACT = NEWEST._replace(date_created_digits=6)
_DROPPED = ("breadcrumbs", "debug_meta", "spans")
_REFERERS = ("referer", "referrer")
_ALIAS = b'"sentry.interfaces.'
"""The former keys of interfaces, which only the schema knows."""

LONGEST = 1 << 20
"""Bytes of an event; a longer one is read whole, so that no shared frame is large."""
MOST_SHARED = 32 << 20
"""Bytes of all shared frames or tags, roughly."""
_ENTRY_SIZE = 2048
"""Bytes of one of them without its text, roughly."""

K = TypeVar("K", bound=msgspec.Struct)
V = TypeVar("V")

Filled = Annotated[str, msgspec.Meta(min_length=1)]
"""The text that makes an interface one that is kept, whatever else is in it."""


class Tag(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A tag as stored."""

    key: str
    value: str


class Frame(msgspec.Struct, frozen=True):
    """A frame as stored."""

    function: str | None = None
    raw_function: str | None = None
    symbol: str | None = None
    module: str | None = None
    package: str | None = None
    filename: str | None = None
    abs_path: str | None = None
    lineno: int | None = None
    colno: int | None = None
    platform: str | None = None
    context_line: str | None = None
    in_app: bool | None = None
    instruction_addr: str | None = None
    symbol_addr: str | None = None
    trust: str | None = None


class Stacktrace(msgspec.Struct):
    frames: Annotated[list[Frame | None], msgspec.Meta(min_length=1)]


class ExceptionValue(msgspec.Struct):
    type: Filled
    value: Any = UNSET
    stacktrace: Stacktrace | None = None
    thread_id: Any = UNSET
    mechanism: Any = UNSET


class Exceptions(msgspec.Struct):
    values: list[ExceptionValue | None]


class Thread(msgspec.Struct):
    id: int | Filled
    stacktrace: Stacktrace | None = None


class Threads(msgspec.Struct):
    values: list[Thread | None]


class User(msgspec.Struct):
    id: Any = UNSET
    email: Any = UNSET
    username: Any = UNSET
    ip_address: Any = UNSET


class Contexts(msgspec.Struct):
    trace: Any = UNSET
    replay: Any = UNSET


class Request(msgspec.Struct):
    url: Filled
    method: Any = UNSET
    headers: Any = UNSET


class Sdk(msgspec.Struct):
    name: Any = UNSET
    version: Any = UNSET


class Part(msgspec.Struct):
    """Any object."""


Parts = Annotated[list[Part], msgspec.Meta(min_length=1)]


class Breadcrumbs(msgspec.Struct):
    values: Parts


class DebugMeta(msgspec.Struct):
    images: Parts


class Body(msgspec.Struct):
    """The members of a stored body that columns need, in the form in which Sentry stores them."""

    exception: Exceptions | None = None
    stacktrace: Stacktrace | None = None
    threads: Threads | None = None
    user: User | None = None
    request: Request | None = None
    contexts: Contexts | None = None
    sdk: Sdk | None = None
    breadcrumbs: Breadcrumbs | None = None
    debug_meta: DebugMeta | None = None
    spans: Parts | None = None
    event_id: Any = UNSET
    level: Any = UNSET
    type: Any = UNSET
    fingerprint: Any = UNSET
    culprit: Any = UNSET
    transaction: Any = UNSET
    logentry: Any = UNSET
    message: Any = UNSET
    logger: Any = UNSET
    platform: Any = UNSET
    timestamp: Any = UNSET
    received: Any = UNSET
    server_name: Any = UNSET
    release: Any = UNSET
    dist: Any = UNSET
    environment: Any = UNSET
    template: Any = UNSET
    tags: list[Tag] | None = None
    errors: Any = UNSET
    project: Any = UNSET
    checksum: Any = UNSET
    csp: Any = UNSET
    hpkp: Any = UNSET
    expectct: Any = UNSET
    expectstaple: Any = UNSET
    nel: Any = UNSET
    hashes: Any = UNSET
    title: Any = UNSET
    location: Any = UNSET
    metadata: Any = UNSET
    _meta: Any = UNSET


def serialize_for_tables(
    body: dict[str, Any], *, group_id: str | None, project_id: str | None, is_fresh: bool = False
) -> dict[str, Any]:
    """Answer a body with an exact `dateCreated`, and with the members that should be tags."""
    event = renormalize(body, is_fresh, TABLES)
    answer = event_to_api(
        event,
        event_id=None,
        group_id=group_id,
        project_id=project_id,
        occurrence=None,
        generation=_EXACT,
        is_measured=False,
    )
    for key in _TAGGED:
        if answer.get(key) is None:
            answer[key] = event.get(key)
    return answer


def serialize_usual(
    raw: bytes, stored: dict[str, Any] | None, *, group_id: str | None, project_id: str | None
) -> dict[str, Any] | None:
    """Answer a stored body of the usual form; the entries that no column holds have no data.

    Returns None if another form might have other rows.

    stored: the stored body if it was made of `raw`, which is it otherwise.
    """
    if len(raw) > LONGEST or _ALIAS in raw:
        return None
    try:
        body = _DECODER.decode(raw) if stored is None else msgspec.convert(stored, Body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    members = _list_members(body)
    if body.exception:
        members["exception"] = {"values": _list_holders(body.exception.values)}
    if body.threads:
        members["threads"] = {"values": _list_holders(body.threads.values)}
    if body.stacktrace:
        members["stacktrace"] = {"frames": body.stacktrace.frames}
    for key in ("user", "request", "contexts", "sdk"):
        if interface := members[key]:
            members[key] = _list_members(interface)
    if body.request and type(headers := body.request.headers) is list:
        members["request"]["headers"] = list(filter(_may_be_referer, headers))
    dropped = [key for key in _DROPPED if members.pop(key)]
    answer = serialize_for_tables(members, group_id=group_id, project_id=project_id)
    answer["entries"] += [{"data": None, "type": key.replace("_", "")} for key in dropped]
    return answer


_DECODER = msgspec.json.Decoder(Body)


def _list_members(struct: msgspec.Struct) -> dict[str, Any]:
    members = msgspec.structs.asdict(struct)
    return {key: value for key, value in members.items() if value is not UNSET}


def _list_holders(holders: list[Any]) -> list[dict[str, Any] | None]:
    """List exceptions or threads as objects, whose frames stay typed."""
    listed = []
    for holder in holders:
        members = holder and _list_members(holder)
        if members and members["stacktrace"]:
            members["stacktrace"] = {"frames": holder.stacktrace.frames}
        listed.append(members)
    return listed


def _may_be_referer(header: Any) -> bool:
    if type(header) is not list or len(header) != 2 or type(header[0]) is not str:
        return True
    return header[0].lower() in _REFERERS


class _Shared(dict[K, V]):
    """Values made once for each key, and forgotten when the text of the keys is too long."""

    def __init__(self, make: Callable[[K], V]) -> None:
        self._make = make
        self._size = 0

    def __missing__(self, key: K) -> V:
        texts = [value for value in msgspec.structs.astuple(key) if type(value) is str]
        self._size += _ENTRY_SIZE + sum(map(len, texts))
        if self._size > MOST_SHARED:
            self.clear()
            self._size = 0
        value = self[key] = self._make(key)
        return value


def _share_frame(frame: Frame) -> SharedFrame:
    return SharedFrame(_read_any_frame(_list_values(frame), {}))


def _share_tag(tag: Tag) -> SharedTag:
    (pair,) = _read_any_tags([[tag.key, tag.value]], {})
    return SharedTag(pair)


_FRAMES, _TAGS = _Shared(_share_frame), _Shared(_share_tag)


def _read_frame(value: Any, meta: Meta) -> Any:
    """Read a frame as Relay does; a typed one without annotations is shared."""
    if type(value) is not Frame:
        return _read_any_frame(value, meta)
    return _read_any_frame(_list_values(value), meta) if meta else _FRAMES[value]


def _read_tags(value: Any, meta: Meta) -> Any:
    """Read the tags as Relay does; typed ones without annotations are shared."""
    if type(value) is not list or not value or type(value[0]) is not Tag:
        return _read_any_tags(value, meta)
    if meta:
        return _read_any_tags([[tag.key, tag.value] for tag in value], meta)
    return [_TAGS[tag] for tag in value]


def _list_values(frame: Frame) -> dict[str, Any]:
    members = msgspec.structs.asdict(frame)
    return {key: value for key, value in members.items() if value is not None}


_read_any_frame, _read_any_tags = STORED.compile(FRAME), STORED.compile(TAGS)
TABLES = Mode(is_renormalize=True, readers={FRAME: _read_frame, TAGS: _read_tags})
