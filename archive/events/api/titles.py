"""Title and location by the event's type. Source: Sentry 2024-09, `eventtypes/*.py`."""

from typing import Any

_UNTITLED = "<untitled>"
_REPORTS = ("csp", "hpkp", "expectct", "expectstaple")
_LONGEST_TITLE = 100


def title_event(event: dict[str, Any], kind: str, metadata: dict[str, Any]) -> str:
    """The one line that names the event."""
    if kind in ("default", "error") and (title := _text(event.get("title"))):
        return title
    if kind in _REPORTS and (message := _text(metadata.get("message"))):
        return message
    if title := _text(metadata.get("title")):
        return title
    return _title_error(metadata) if kind == "error" else _UNTITLED


def locate_event(kind: str, metadata: dict[str, Any]) -> str | None:
    """Where it happened: a file, a page or a route."""
    if kind == "error":
        return _text(metadata.get("filename"))
    if kind in _REPORTS:
        return _text(metadata.get("uri")) or _text(metadata.get("origin"))
    if kind == "transaction":
        return _text(metadata.get("location"))
    return None


def _title_error(metadata: dict[str, Any]) -> str:
    kind = _text(metadata.get("type"))
    if not kind:
        return _text(metadata.get("function")) or "<unknown>"
    value = (_text(metadata.get("value")) or "").strip()
    if not value:
        return kind
    line = value.splitlines()[0]
    if len(line) > _LONGEST_TITLE:
        line = line[: _LONGEST_TITLE - 3] + "..."
    return f"{kind}: {line}"


def _text(value: Any) -> str | None:
    return value if type(value) is str else None
