"""Events in Sentry's store shape, as its API would answer them.

The stored bytes stay as they are; they are converted whenever the event is read.
"""

from __future__ import annotations

from typing import Any

from archive.events.model import parse
from archive.exports.shapes import Shape


def convert_event(
    raw: bytes, shape: Shape, *, event_id: str | None, project_id: str | None, group_id: str | None
) -> dict[str, Any]:
    """The event that Sentry's API gives for a stored, downloaded, sent or forwarded one.

    What an SDK sent is normalised first, as Relay and Sentry's event manager do at ingestion.
    Raises ValueError where `raw` is no JSON object.
    """
    from archive.events.serializer import serialize

    body = _read_stored(raw, shape)
    return serialize(
        body,
        event_id=event_id,
        project_id=project_id,
        group_id=group_id,
        is_fresh=shape in (Shape.SDK, Shape.SPLUNK),
    )


def convert_to_download(
    raw: bytes, shape: Shape, *, event_id: str, project_id: str | None
) -> dict[str, Any]:
    """The JSON that Sentry's interface gives to download, for a stored or sent event.

    Raises ValueError where `raw` is no JSON object.
    """
    from archive.events.serializer.download import make_download

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
        from archive.events.download import restore_body

        return restore_body(body)
    from archive.events.normalize import normalize

    if shape is Shape.SPLUNK:
        from archive.events.splunk import expand_splunk

        body = expand_splunk(body)
    return normalize(body)
