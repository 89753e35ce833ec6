"""The whole event, key by key in the API's order.

Source: Sentry 2024-09, `api/serializers/models/event.py` (EventSerializer).
"""

from collections.abc import Callable
from typing import Any

from archive.events.api.annotations import with_chunks
from archive.events.api.contexts import contexts_to_api
from archive.events.api.entries import entries_to_api
from archive.events.api.errors import errors_to_api
from archive.events.api.generation import Generation
from archive.events.api.grouping import find_config, find_hashes
from archive.events.api.message import find_message
from archive.events.api.occurrence import occurrence_to_api
from archive.events.api.sdk import annotate_sdk, sdk_to_api
from archive.events.api.size import measure
from archive.events.api.tags import find_tag, tags_to_api
from archive.events.api.titles import locate_event, title_event
from archive.events.api.user import annotate_user, user_to_api
from archive.events.dates import format_instant


def event_to_api(
    event: dict[str, Any],
    *,
    event_id: str | None,
    group_id: str | None,
    project_id: str | None,
    occurrence: dict[str, Any] | None,
    generation: Generation,
) -> dict[str, Any]:
    """Answer a renormalised body as EventSerializer does."""
    kind = event.get("type") or "default"
    metadata = event.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    entries, entries_meta = entries_to_api(event, generation)
    message, message_meta = find_message(event)
    user, user_meta = _show(
        event, "user", lambda user: user_to_api(user, generation), annotate_user
    )
    contexts, contexts_meta = _show(event, "contexts", contexts_to_api)
    sdk, sdk_meta = _show(event, "sdk", sdk_to_api, annotate_sdk)
    extra, extra_meta = _show_stored(event, "extra")
    modules, modules_meta = _show_stored(event, "modules")
    tags, tags_meta = tags_to_api(event)
    received = event.get("received")
    answer = {
        "id": event_id,
        "groupID": group_id,
        "eventID": event_id,
        "projectID": project_id,
        "size": measure(event),
        "entries": entries,
        "dist": find_tag(event, "sentry:dist"),
        "message": message,
        "title": title_event(event, kind, metadata),
        "location": locate_event(kind, metadata),
        "user": user,
        "contexts": contexts or {},
        "sdk": sdk,
        "context": extra,
        "packages": modules,
        "type": kind,
        "metadata": metadata,
        "tags": tags,
        "platform": event.get("platform"),
        "dateReceived": format_instant(received) if received else received,
        "errors": errors_to_api(event.get("errors")),
        "occurrence": occurrence_to_api(occurrence),
        "_meta": {
            "entries": entries_meta,
            "message": with_chunks(message, message_meta),
            "user": user_meta,
            "contexts": contexts_meta,
            "sdk": sdk_meta,
            "context": extra_meta,
            "packages": modules_meta,
            "tags": with_chunks(tags, tags_meta),
        },
    }
    if kind == "transaction":
        answer.update(_transaction_members(event))
    else:
        digits = generation.date_created_digits if occurrence is None else 6
        answer.update(_error_members(event, digits))
    return answer


def _show(
    event: dict[str, Any],
    key: str,
    to_api: Callable[[Any], Any],
    annotate: Callable[[Any], Any] = dict,
) -> tuple[Any, Any]:
    """An interface that is no entry and its `_meta`, which is not shown without it."""
    body = event.get(key)
    note = event.get("_meta", {}).get(key)
    data = to_api(body) if body else None
    return data, with_chunks(data, annotate(note)) if data and note else None


def _show_stored(event: dict[str, Any], key: str) -> tuple[Any, Any]:
    """A bag of values, answered as it is stored, and its `_meta`."""
    data = event.get(key, {})
    return data, with_chunks(data, event.get("_meta", {}).get(key))


def _transaction_members(event: dict[str, Any]) -> dict[str, Any]:
    members = {
        "startTimestamp": event.get("start_timestamp"),
        "endTimestamp": event.get("timestamp"),
        "measurements": event.get("measurements"),
        "breakdowns": event.get("breakdowns"),
    }
    if "_metrics_summary" in event:
        members["_metrics_summary"] = event["_metrics_summary"]
    return members


def _error_members(event: dict[str, Any], digits: int) -> dict[str, Any]:
    timestamp = event.get("timestamp", event.get("received"))
    return {
        "crashFile": None,
        "culprit": event.get("culprit"),
        "dateCreated": None if timestamp is None else format_instant(timestamp, digits),
        "fingerprints": find_hashes(event),
        "groupingConfig": find_config(event),
    }
