"""Events in Sentry's store shape, as its API would answer them.

The stored bytes stay as they are; they are converted whenever the event is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from archive.events.model import parse
from archive.exports.shapes import Shape

if TYPE_CHECKING:
    from archive.events.api.generation import Generation

# Members of a stored body that no column is made of, and the entries that they become. To convert
# them takes half of the time.
_UNTABLED = {
    "breadcrumbs": "breadcrumbs",
    "sentry.interfaces.Breadcrumbs": "breadcrumbs",
    "debug_meta": "debugmeta",
    "extra": None,
    "modules": None,
    "spans": "spans",
}


def convert_event(
    raw: bytes,
    shape: Shape,
    *,
    event_id: str | None,
    project_id: str | None,
    group_id: str | None,
    generation: Generation | None = None,
) -> dict[str, Any]:
    """The event that Sentry's API gives for a stored, downloaded, sent or forwarded one.

    generation: of the API; None is the newest. What an SDK sent is normalised first, as Relay and
    Sentry's event manager do at ingestion. Raises ValueError where `raw` is no JSON object.
    """
    from archive.events.api import serialize
    from archive.events.api.generation import NEWEST

    return serialize(
        _read_stored(raw, shape),
        event_id=event_id,
        project_id=project_id,
        group_id=group_id,
        is_fresh=_is_fresh(shape),
        generation=generation or NEWEST,
    )


def convert_for_tables(
    raw: bytes, shape: Shape, *, project_id: str | None, group_id: str | None
) -> dict[str, Any]:
    """The same for rows: exact dates, and nothing that no column is made of.

    Only what changes no other member is left out. The top-level members that a column falls back
    to are added.
    The entries that are left out come without their data.
    What an SDK sent is converted whole: normalising notes an error for each fault it meets.
    """
    from archive.events.api import serialize_for_tables

    body = _read_stored(raw, shape)
    left_out: set[str] = set()
    if not _is_fresh(shape):
        left_out = {entry for key, entry in _UNTABLED.items() if body.pop(key, None) and entry}
        for frame in _list_frames(body):
            if frame.get("function") or frame.get("filename"):  # one that is empty is dropped
                frame.pop("vars", None)
    converted = serialize_for_tables(
        body, project_id=project_id, group_id=group_id, is_fresh=_is_fresh(shape)
    )
    converted["entries"] += [{"data": None, "type": entry} for entry in sorted(left_out)]
    return converted


def _is_fresh(shape: Shape) -> bool:
    return shape in (Shape.SDK, Shape.SPLUNK)


def _list_frames(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The frames of a stored body, wherever they are as they should be."""
    holders: list[Any] = [body]
    for key in ("exception", "threads"):
        chain = body.get(key)
        values = chain.get("values") if isinstance(chain, dict) else None
        holders += values if isinstance(values, list) else []
    for holder in holders:
        stacktrace = holder.get("stacktrace") if isinstance(holder, dict) else None
        frames = stacktrace.get("frames") if isinstance(stacktrace, dict) else None
        if isinstance(frames, list):
            yield from (frame for frame in frames if isinstance(frame, dict))


def convert_to_download(
    raw: bytes, shape: Shape, *, event_id: str, project_id: str | None
) -> dict[str, Any]:
    """The JSON that Sentry's interface gives to download, for a stored or sent event.

    Raises ValueError where `raw` is no JSON object.
    """
    from archive.events.api.download import make_download

    body = _read_stored(raw, shape)
    return make_download(body, event_id=event_id, project_id=project_id)


def _read_stored(raw: bytes, shape: Shape) -> dict[str, Any]:
    """The body that Sentry stored of the event, from the one that was exported."""
    body = parse(raw)
    if not isinstance(body, dict):
        raise ValueError(f"not an object but {type(body).__name__}")
    if shape is Shape.STORE:
        return body
    if shape is Shape.DOWNLOAD:
        from archive.events.ui_download import restore_body

        return restore_body(body)
    from archive.events.ingest import normalize

    if shape is Shape.SPLUNK:
        from archive.events.splunk import expand_splunk

        body = expand_splunk(body)
    return normalize(body)
