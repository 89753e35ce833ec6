"""Entries: one for each interface, in the order of Sentry's display scores.

Source: Sentry 2024-09, `api/serializers/models/event.py` (_get_entries).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from archive.events.api.annotations import with_chunks
from archive.events.api.exception import annotate_exception, exception_to_api
from archive.events.api.generation import Generation
from archive.events.api.interfaces import (
    REQUEST_META,
    TEMPLATE_META,
    breadcrumbs_to_api,
    debug_meta_to_api,
    message_to_api,
    pick,
    report_to_api,
    request_to_api,
    template_to_api,
)
from archive.events.api.stacktrace import annotate_stacktrace, stacktrace_to_api, threads_to_api


class Interface(NamedTuple):
    """An interface of the body: its key, and how it and its `_meta` become an entry.

    to_api: one that `has_frames` takes the event's platform and the generation, too.
    annotate: turns the `_meta` of the body into that of the answer, where they differ.
    """

    key: str
    type: str
    to_api: Callable[..., Any]
    annotate: Callable[[Any, Any], Any] | None = None
    has_frames: bool = False


INTERFACES = (
    Interface("logentry", "message", message_to_api),
    Interface("exception", "exception", exception_to_api, annotate_exception, has_frames=True),
    Interface("stacktrace", "stacktrace", stacktrace_to_api, annotate_stacktrace, has_frames=True),
    Interface("spans", "spans", list),
    Interface("threads", "threads", threads_to_api, has_frames=True),
    Interface("csp", "csp", report_to_api),
    Interface("hpkp", "hpkp", report_to_api),
    Interface("expectct", "expectct", report_to_api),
    Interface("expectstaple", "expectstaple", report_to_api),
    Interface(
        "template",
        "template",
        template_to_api,
        lambda meta, _: pick(meta, TEMPLATE_META) | {"context": []},  # not shown for its lines
    ),
    Interface("breadcrumbs", "breadcrumbs", breadcrumbs_to_api),
    Interface("request", "request", request_to_api, lambda meta, _: pick(meta, REQUEST_META)),
    Interface("debug_meta", "debugmeta", debug_meta_to_api),
    Interface("nel", "nel", report_to_api),
)


def entries_to_api(
    event: dict[str, Any], generation: Generation
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """List the entries, and their `_meta` by the index in that list."""
    meta = event.get("_meta", {})
    platform = event.get("platform")
    entries: list[dict[str, Any]] = []
    notes: dict[str, Any] = {}
    for key, kind, to_api, annotate, has_frames in INTERFACES:
        body = event.get(key)
        if body is None:
            continue
        data = to_api(body, platform, generation) if has_frames else to_api(body)
        if not data and kind != "spans":
            continue
        if note := meta.get(key):
            note = annotate(note, body) if annotate else note
            notes[str(len(entries))] = {"data": with_chunks(data, note)}
        entries.append({"data": data, "type": kind})
    return entries, notes
