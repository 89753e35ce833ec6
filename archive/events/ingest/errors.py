"""The list of errors: each annotation with an error is also listed in the event itself."""

from collections.abc import Iterator
from typing import Any

from archive.events.protocol.meta import Meta


def list_errors(event: dict[str, Any], meta: Meta) -> None:
    """Append the errors noted to those the event brought (Relay, event_error.rs)."""
    errors = list(event.get("errors") or [])
    errors.extend(_walk(meta, ""))
    if errors:
        event["errors"] = errors


def _walk(meta: Meta, path: str) -> Iterator[dict[str, Any]]:
    own = meta.get("", {})
    original = own.get("val")
    for error in own.get("err", ()):
        kind, data = error if isinstance(error, list) and len(error) == 2 else (error, {})
        entry: dict[str, Any] = {"type": kind, "name": path}
        if original is not None:
            entry["value"], original = original, None
        yield {**entry, **(data if isinstance(data, dict) else {})}
    for key, node in meta.items():
        if key:
            yield from _walk(node, f"{path}.{key}" if path else key)
