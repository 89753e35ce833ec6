"""What no column holds of an event as an SDK sent it, and what changes no column.

All that is invalid is noted as an error, and a column counts the errors; but the API does not show
those of breadcrumbs, extra data and frames (`archive.events.api.errors`).
"""

from collections.abc import Iterator
from typing import Any

from archive.events.ingest.frames import UNKNOWN_NAME
from archive.events.protocol.contexts import CONTEXTS_BY_TYPE


def leave_out(body: dict[str, Any]) -> None:
    """Remove free data, all breadcrumbs but one, and the variables and context of frames."""
    notes = body.get("_meta")
    if type(notes) is not dict:
        notes = {}
    if type(body.get("extra")) is dict and "extra" not in notes:
        del body["extra"]
    crumb = next(filter(_is_filled, _list(body.get("breadcrumbs"), "values")), None)
    if crumb and "breadcrumbs" not in notes:
        body["breadcrumbs"] = {"values": [crumb]}
    contexts = body.get("contexts")
    if type(contexts) is dict and "contexts" not in notes:
        known = {alias: item for alias, item in contexts.items() if not _is_free(alias, item)}
        body["contexts"] = known
    for frame in _list_frames(body):
        if _has_text(frame, "filename") or _has_text(frame, "function"):
            frame.pop("vars", None)
            if _has_text(frame, "context_line"):
                frame.pop("pre_context", None)
                frame.pop("post_context", None)


def _is_free(alias: str, context: Any) -> bool:
    """Return whether a context has neither a known type nor the name of a known one."""
    if type(context) is not dict or alias in _NAMED:
        return False
    kind = context.get("type") or alias
    return type(kind) is str and kind not in CONTEXTS_BY_TYPE


_NAMED = frozenset({*CONTEXTS_BY_TYPE, "client_os"})
"""Contexts that are added where there are none of these names."""


def _list_frames(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    holders = [body, *_list(body.get("exception"), "values"), *_list(body.get("threads"), "values")]
    for holder in holders:
        yield from _list(holder.get("stacktrace"), "frames")


def _list(holder: Any, key: str) -> list[dict[str, Any]]:
    """List the objects that are in a list, or in the list that an object has as a member."""
    items = holder.get(key) if type(holder) is dict else holder
    return [item for item in items if type(item) is dict] if type(items) is list else []


def _is_filled(crumb: dict[str, Any]) -> bool:
    return _has_text(crumb, "message") or _has_text(crumb, "category")


def _has_text(item: dict[str, Any], key: str) -> bool:
    """Return whether a member is a text that stays."""
    value = item.get(key)
    return type(value) is str and value not in ("", UNKNOWN_NAME)
