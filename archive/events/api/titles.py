"""Title, location and message of an event. Source: Sentry 2024-09, `eventtypes/*.py`."""

from typing import Any

from archive.events.protocol.event import SECURITY_TYPES

UNTITLED = "<untitled>"
LONGEST_TITLE = 100


def title_event(event: dict[str, Any], kind: str, metadata: dict[str, Any]) -> str:
    """Return the one line that names the event."""
    if kind in ("default", "error") and (title := _text(event.get("title"))):
        return title
    if kind in SECURITY_TYPES and (message := _text(metadata.get("message"))):
        return message
    if title := _text(metadata.get("title")):
        return title
    return _title_error(metadata) if kind == "error" else UNTITLED


def locate_event(kind: str, metadata: dict[str, Any]) -> str | None:
    """Return where it happened: a file, a page or a route."""
    if kind == "error":
        return _text(metadata.get("filename"))
    if kind in SECURITY_TYPES:
        return _text(metadata.get("uri")) or _text(metadata.get("origin"))
    if kind == "transaction":
        return _text(metadata.get("location"))
    return None


def find_message(event: dict[str, Any]) -> tuple[str, Any]:
    """Return the event's one message and its `_meta`: the formatted text before its template."""
    logentry = event.get("logentry") or {}
    meta = event.get("_meta", {}).get("logentry", {})
    for key in ("formatted", "message"):
        if logentry.get(key):
            return logentry[key], meta.get(key)
    return "", None


def cut(value: Any, length: int) -> Any:
    """Cut a text to a length, `...` included (Sentry, `trim` in src/sentry/utils/safe.py)."""
    if type(value) is str and len(value) > length:
        return value[: length - 3] + "..."
    return value


def _title_error(metadata: dict[str, Any]) -> str:
    kind = _text(metadata.get("type"))
    if not kind:
        return _text(metadata.get("function")) or "<unknown>"
    value = (_text(metadata.get("value")) or "").strip()
    return f"{kind}: {cut(value.splitlines()[0], LONGEST_TITLE)}" if value else kind


def _text(value: Any) -> str | None:
    return value if type(value) is str else None
