"""The event's `size`: how long its body is once the interface classes have filled in nulls.

Source: Sentry 2024-09, `eventstore/models.py` (size) after `interfaces/*.py` (to_python), which
write the members their class knows into the body in place.
"""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import msgspec

from archive.events.api.exception import MECHANISM
from archive.events.protocol.stacktrace import list_frames
from archive.events.protocol.values import list_items


def _members(names: str) -> frozenset[str]:
    return frozenset(names.split())


_FRAME = _members("""
abs_path addr_mode colno context_line data errors filename function image_addr in_app
instruction_addr lineno lock module package platform post_context pre_context raw_function snapshot
source_link symbol symbol_addr trust vars
""")
_MECHANISM = frozenset(MECHANISM)
_SPAN = _members("""
trace_id parent_span_id span_id start_timestamp same_process_as_parent op description tags timestamp
data
""")
_INTERFACES = {
    "request": _members(
        "api_target method url fragment data headers cookies env inferred_content_type"
    ),
    "logentry": _members("message formatted params"),
    "sdk": _members("name version integrations packages"),
    "csp": _members("document_uri violated_directive blocked_uri effective_directive"),
    "template": _members("abs_path filename context_line lineno pre_context post_context"),
}


def measure(event: dict[str, Any]) -> int:
    """Count the characters of the body's compact JSON with its nulls filled in."""
    length = _count_characters(event)
    for key, members in _INTERFACES.items():
        if (interface := event.get(key)) is not None:
            length += _missing(interface, members) - (not interface)
    if type(request := event.get("request")) is dict and "query_string" not in request:
        length += len(',"query_string":[]')
    for exception in list_items(event.get("exception"), "values"):
        if mechanism := exception.get("mechanism"):
            length += _missing(mechanism, _MECHANISM)
    length += _missing_in_all(list_frames(event), _FRAME)
    length += _missing_in_all((span for span in event.get("spans") or () if span), _SPAN)
    return length


def _missing(body: Iterable[str], members: frozenset[str]) -> int:
    """Count how much longer an object's JSON gets with a null for each member it lacks."""
    present = members.intersection(body)
    missing = len(members) - len(present)
    return _count_letters(members) - sum(map(len, present)) + len(',"":null') * missing


def _missing_in_all(bodies: Iterable[dict[str, Any]], members: frozenset[str]) -> int:
    """Count the same for many objects, most of which have the same members as another."""
    alike = Counter(map(tuple, bodies))
    return sum(_missing(keys, members) * count for keys, count in alike.items())


@cache
def _count_letters(members: frozenset[str]) -> int:
    return sum(map(len, members))


def _count_characters(event: dict[str, Any]) -> int:
    try:  # msgspec writes 1e22, as Sentry's orjson of 2024 does; newer ones write 1e+22
        text = msgspec.json.encode(event)
        return len(text) if text.isascii() else len(text.decode())
    except ValueError:  # a lone surrogate
        return len(json.dumps(event, ensure_ascii=False, separators=(",", ":")))
