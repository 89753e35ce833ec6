"""Convert events in Sentry's store shape to the shape of its API.

The stored bytes are kept; they are converted each time the event is read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from archive.events.restore import expand_splunk, restore_body
from archive.exports.shapes import Shape
from archive.jsontext import parse

if TYPE_CHECKING:
    from archive.events.api.generation import Generation

# From the exported shape to the one that Sentry stores, or that an SDK sends.
_CONVERTERS: dict[Shape, Callable[[dict[str, Any]], dict[str, Any]]] = {
    Shape.DOWNLOAD: restore_body,
    Shape.SPLUNK: expand_splunk,
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
    """Convert a stored, downloaded, sent or forwarded event to the shape of Sentry's API.

    An event as an SDK sent it is normalized first, as Relay and Sentry's event manager do.

    generation: of the API; the newest if None.

    Raises ValueError if `raw` is not a JSON object.
    """
    from archive.events.api import serialize
    from archive.events.api.generation import NEWEST

    return serialize(
        _read_stored(raw, shape),
        event_id=event_id,
        project_id=project_id,
        group_id=group_id,
        is_fresh=shape.traits.is_sent,
        generation=generation or NEWEST,
    )


def convert_for_tables(
    raw: bytes, shape: Shape, *, project_id: str | None, group_id: str | None
) -> dict[str, Any]:
    """Convert an event for the tables: with exact dates, and without what changes no column.

    The top-level members that a column falls back to are added.
    """
    from archive.events.api.tables import serialize_for_tables, serialize_usual

    is_sent = shape.traits.is_sent
    body = None if shape is Shape.STORE else _read_stored(raw, shape, is_for_tables=True)
    answer = serialize_usual(raw, body, project_id=project_id, group_id=group_id)
    if answer is None:
        body = body or _read_stored(raw, shape)
        answer = serialize_for_tables(
            body, project_id=project_id, group_id=group_id, is_fresh=is_sent
        )
    return answer


def convert_to_download(
    raw: bytes, shape: Shape, *, event_id: str, project_id: str | None
) -> dict[str, Any]:
    """Convert a stored or sent event to the JSON that Sentry's UI offers for download.

    Raises ValueError if `raw` is not a JSON object.
    """
    from archive.events.api.download import make_download

    body = _read_stored(raw, shape)
    return make_download(body, event_id=event_id, project_id=project_id)


def _read_stored(raw: bytes, shape: Shape, is_for_tables: bool = False) -> dict[str, Any]:
    """Return the body that Sentry stores, from the exported one."""
    parsed = parse(raw)
    if not isinstance(parsed, dict):
        raise ValueError(f"not an object but {type(parsed).__name__}")
    body: dict[str, Any] = parsed
    if convert := _CONVERTERS.get(shape):
        body = convert(body)
    if shape.traits.is_sent:
        from archive.events.ingest import leave_out, normalize

        if is_for_tables:
            leave_out(body)
        body = normalize(body)
    return body
