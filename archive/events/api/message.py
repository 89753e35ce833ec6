"""The log message. Source: Sentry 2024-09, `interfaces/message.py`."""

from typing import Any

from archive.events.api.generation import Generation

_KEYS = ("message", "formatted", "params")


def message_to_api(
    logentry: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The message and, where it has any, its template and parameters."""
    return {key: logentry[key] for key in _KEYS if logentry.get(key) is not None}


def find_message(event: dict[str, Any]) -> tuple[str, Any]:
    """The event's one message and its `_meta`: the formatted text before its template."""
    logentry = event.get("logentry") or {}
    meta = event.get("_meta", {}).get("logentry", {})
    for key in ("formatted", "message"):
        if logentry.get(key):
            return logentry[key], meta.get(key)
    return "", None
