"""Grouping hashes and their configuration, as far as they are known without grouping.

Source: Sentry 2024-09, `eventstore/models.py` (get_hashes, get_grouping_config) and, for an event
that has no more than a message or a template, `grouping/strategies/{message,template}.py`.
"""

from typing import Any

DEFAULT_CONFIG = {
    "id": "newstyle:2023-01-11",
    "enhancements": "KLUv_SAYwQAAkwKRs25ld3N0eWxlOjIwMjMtMDEtMTGQ",
}
"""A new project's grouping configuration, in the order in which Sentry makes it."""

_OTHERS = (
    "exception",
    "stacktrace",
    "threads",
    "csp",
    "hpkp",
    "expectct",
    "expectstaple",
    "checksum",
)
_VARIABLE = frozenset("0123456789@.:=\n\r")
"""What the parts of a message have that Sentry replaces: numbers, addresses, dates and so on."""


def find_hashes(event: dict[str, Any]) -> list[Any]:
    """The stored hashes; without them, the hash of an event that is simple enough."""
    hashes = event.get("hashes")
    if type(hashes) is list and hashes:
        return hashes
    if event.get("fingerprint") not in (None, ["{{ default }}"]) or any(map(event.get, _OTHERS)):
        return []
    message = _read_message(event)
    if not _VARIABLE.isdisjoint(message):
        return []
    from hashlib import md5  # rarely needed, and slow to import

    text = _read_template(event) or message
    return [md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()]


def _read_template(event: dict[str, Any]) -> str:
    template = event.get("template") or {}
    return (template.get("filename") or "") + (template.get("context_line") or "")


def _read_message(event: dict[str, Any]) -> str:
    logentry = event.get("logentry") or {}
    return logentry.get("message") or logentry.get("formatted") or ""


def find_config(event: dict[str, Any]) -> dict[str, Any]:
    """The stored configuration, else a new project's."""
    return event.get("grouping_config") or dict(DEFAULT_CONFIG)
