"""The whole event, key by key in the API's order.

Source: Sentry 2024-09, `api/serializers/models/event.py` (EventSerializer) and, for the occurrence,
`issues/issue_occurrence.py`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from archive.events.api.annotations import with_chunks
from archive.events.api.entries import entries_to_api
from archive.events.api.errors import errors_to_api
from archive.events.api.generation import Generation, format_instant
from archive.events.api.grouping import find_config, find_hashes
from archive.events.api.interfaces import contexts_to_api, sdk_to_api, user_to_api
from archive.events.api.size import measure
from archive.events.api.tags import find_tag, tags_to_api
from archive.events.api.titles import find_message, locate_event, title_event
from archive.events.protocol.values import sort_keys

USER_META = ("", "id", "email", "username", "ip_address", "name", "data")
SDK_META = ("", "name", "version")


def event_to_api(
    event: dict[str, Any],
    *,
    event_id: str | None,
    group_id: str | None,
    project_id: str | None,
    occurrence: dict[str, Any] | None,
    generation: Generation,
    is_measured: bool = True,
) -> dict[str, Any]:
    """Answer a renormalized body as EventSerializer does.

    is_measured: whether to find its size, which takes a while.
    """
    kind = event.get("type") or "default"
    metadata = event.get("metadata")
    metadata = metadata if type(metadata) is dict else {}
    meta, own_project = event.get("_meta", {}), event.get("project")
    event_id = event_id or event.get("event_id")
    entries, entries_meta = entries_to_api(event, generation)
    message, message_meta = find_message(event)
    user, user_meta = _show(
        event, "user", lambda user: user_to_api(user, generation.user), USER_META
    )
    contexts, contexts_meta = _show(event, "contexts", contexts_to_api)
    sdk, sdk_meta = _show(event, "sdk", sdk_to_api, SDK_META)
    extra, modules = event.get("extra", {}), event.get("modules", {})
    tags, tags_meta = tags_to_api(event)
    received = event.get("received")
    answer = {
        "id": event_id,
        "groupID": group_id,
        "eventID": event_id,
        "projectID": project_id or (None if own_project is None else str(own_project)),
        "size": measure(event) if is_measured else None,
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
            "context": with_chunks(extra, meta.get("extra")),
            "packages": with_chunks(modules, meta.get("modules")),
            "tags": with_chunks(tags, tags_meta),
        },
    }
    if kind == "transaction":
        answer.update(_transaction_members(event))
    else:
        digits = generation.date_created_digits if occurrence is None else 6
        answer.update(_error_members(event, digits))
    return answer


def occurrence_to_api(occurrence: dict[str, Any] | None) -> dict[str, Any] | None:
    """Answer an occurrence in camel case; its evidence was stored with sorted keys."""
    if occurrence is None:
        return None
    evidence = sort_keys(occurrence.get("evidence_data"))
    camelized: dict[str, Any] = _camelize({**occurrence, "evidence_data": evidence})
    return camelized


def _show(
    event: dict[str, Any],
    key: str,
    to_api: Callable[[Any], Any],
    annotated: Iterable[str] | None = None,
) -> tuple[Any, Any]:
    """Answer an interface that is not an entry, and its `_meta`, which is not shown without it.

    annotated: the members whose `_meta` is shown, if not all.
    """
    body, meta = event.get(key), event.get("_meta", {}).get(key)
    data = to_api(body) if body else None
    if not data or not meta:
        return data, None
    meta = {name: meta.get(name) for name in annotated} if annotated else meta
    return data, with_chunks(data, meta)


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


def _camelize(value: Any) -> Any:
    if type(value) is dict:
        return {_to_camel_case(key): _camelize(member) for key, member in value.items()}
    if type(value) is list:
        return [_camelize(item) for item in value]
    return value


def _to_camel_case(key: str) -> str:
    first, *rest = key.split("_")
    return first.lower() + "".join(part.title() for part in rest)
