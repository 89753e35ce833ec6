"""The stored body of an event as Sentry has it after loading: every read normalizes it again.

Source: Sentry 2024-09, `eventstore/models.py` (EventDict) with sentry-relay 0.9.1 (Relay 24.9),
which on a read changes no more than the form.
"""

from typing import Any

from archive.events.protocol.event import EVENT
from archive.events.protocol.meta import Meta, copy_meta, find_member
from archive.events.protocol.mode import Mode
from archive.events.protocol.values import sort_keys

STORED = Mode(is_renormalize=True)

PYTHON_TYPE = "generic"
"""An event type that Relay does not know; Sentry puts it back after normalizing."""

SETTLED = ("exception", "stacktrace", "threads", "breadcrumbs", "request", "debug_meta")
"""Interfaces that stay as they are where `archive.events.ingest` has just made them."""


def renormalize(
    body: dict[str, Any], is_fresh: bool = False, mode: Mode = STORED
) -> dict[str, Any]:
    """Read a stored body: in Relay's key order, without what is empty or of the wrong type.

    is_fresh: whether `archive.events.ingest` just made the body, and settled some interfaces.
    """
    body = dict(body)
    notes = copy_meta(body.pop("_meta", None), sort_keys)
    for key in ("_ref", "_ref_version"):
        body.pop(key, None)
    settled = _take_settled(body, notes) if is_fresh else {}
    kept = {key: notes.pop(key) for key in settled if key in notes}
    event: dict[str, Any] = mode.compile(EVENT)(body, notes)
    if body.get("type") == PYTHON_TYPE:
        event["type"] = PYTHON_TYPE
    event.update(settled)
    if notes or kept:
        event["_meta"] = copy_meta({**notes, **kept}, lambda value: value)
    return event


def _take_settled(body: dict[str, Any], notes: Meta) -> dict[str, Any]:
    """Remove the interfaces that a fresh body has as Relay leaves them, and return them.

    An annotation can keep what is empty, which is then for Relay to judge.
    """
    return {
        key: body.pop(key)
        for key in SETTLED
        if key in body and (key not in notes or _are_lasting(body[key], notes[key]))
    }


def _are_lasting(value: Any, meta: Meta, depth: int = 0) -> bool:
    """Return whether all annotations of an interface's values stay, and none is of the interface.

    Nor may one be of a list that the interface is.
    """
    if "" in meta and depth < 2:
        return False
    for key in meta.keys() - {""}:
        members = find_member(value, key)
        if not members or not _are_lasting(members[0], meta[key], depth + 1):
            return False
    return True
