"""The JSON that Sentry's UI gives of an event, made of its stored body.

Source: Sentry 2024-09, `eventstore/models.py` (as_dict), which EventJsonEndpoint answers.
"""

from typing import Any

from archive.events.api.generation import format_instant
from archive.events.api.tags import find_tag
from archive.events.api.titles import find_message, locate_event, title_event
from archive.events.columns import read_int64
from archive.events.protocol import renormalize

PREFIX = "sentry:"


def make_download(
    body: dict[str, Any], *, event_id: str | None, project_id: str | None
) -> dict[str, Any]:
    """Make the download of a stored body, key by key in its order.

    A culprit that was not stored is left out: Sentry puts the group's there.
    """
    event = renormalize(body)
    kind = event.get("type") or "default"
    metadata = event.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    timestamp = event.get("timestamp", event.get("received"))
    digits = 6 if kind == "transaction" else 0
    moment = None if timestamp is None else format_instant(timestamp, digits)
    project = read_int64(project_id)
    download: dict[str, Any] = {
        "event_id": event_id,
        "project": event.get("project") if project is None else project,
        "release": find_tag(event, f"{PREFIX}release"),
        "dist": find_tag(event, f"{PREFIX}dist"),
        "platform": event.get("platform"),
        "message": find_message(event)[0],
        "datetime": moment and f"{moment[:-1]}+00:00",
        "tags": [
            [key.split(PREFIX, 1)[-1], value]
            for key, value in sorted(filter(_is_whole, event.get("tags") or []))
        ],
    }
    download.update((key, event[key]) for key in sorted(event) if key not in download)
    if type(download.get("sdk")) is dict:
        sdk = download["sdk"]
        download["sdk"] = {key: sdk[key] for key in sdk if key != "client_ip"}
    download["title"] = title_event(event, kind, metadata)
    download["location"] = locate_event(kind, metadata)
    return download


def _is_whole(tag: Any) -> bool:
    return type(tag) is list and len(tag) == 2 and all(type(text) is str for text in tag)
