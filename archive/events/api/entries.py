"""Entries: one for each interface, in the order of Sentry's display scores.

Source: Sentry 2024-09, `api/serializers/models/event.py` (_get_entries).
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from archive.events.api.annotations import with_chunks
from archive.events.api.breadcrumbs import breadcrumbs_to_api
from archive.events.api.debug_meta import debug_meta_to_api
from archive.events.api.exception import annotate_exception, exception_to_api
from archive.events.api.generation import Generation
from archive.events.api.message import message_to_api
from archive.events.api.request import annotate_request, request_to_api
from archive.events.api.security import report_to_api
from archive.events.api.spans import spans_to_api
from archive.events.api.stacktrace import annotate_stacktrace, stacktrace_to_api
from archive.events.api.template import annotate_template, template_to_api
from archive.events.api.threads import threads_to_api


class Interface(NamedTuple):
    """An interface of the body: its key, its entry's type, how both it and its `_meta` look."""

    key: str
    type: str
    to_api: Callable[[Any, str | None, Generation], Any]
    annotate: Callable[[Any, Any], Any] | None = None


INTERFACES = (
    Interface("logentry", "message", message_to_api),
    Interface("exception", "exception", exception_to_api, annotate_exception),
    Interface("stacktrace", "stacktrace", stacktrace_to_api, annotate_stacktrace),
    Interface("spans", "spans", spans_to_api),
    Interface("threads", "threads", threads_to_api),
    Interface("csp", "csp", report_to_api),
    Interface("hpkp", "hpkp", report_to_api),
    Interface("expectct", "expectct", report_to_api),
    Interface("expectstaple", "expectstaple", report_to_api),
    Interface("template", "template", template_to_api, annotate_template),
    Interface("breadcrumbs", "breadcrumbs", breadcrumbs_to_api),
    Interface("request", "request", request_to_api, annotate_request),
    Interface("debug_meta", "debugmeta", debug_meta_to_api),
    Interface("nel", "nel", report_to_api),
)


def entries_to_api(
    event: dict[str, Any], generation: Generation
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The entries, and their `_meta` by the index in that list."""
    meta = event.get("_meta", {})
    platform = event.get("platform")
    entries: list[dict[str, Any]] = []
    notes: dict[str, Any] = {}
    for key, kind, to_api, annotate in INTERFACES:
        body = event.get(key)
        if body is None:
            continue
        data = to_api(body, platform, generation)
        if not data and kind != "spans":
            continue
        if note := meta.get(key):
            note = annotate(note, body) if annotate else note
            notes[str(len(entries))] = {"data": with_chunks(data, note)}
        entries.append({"data": data, "type": kind})
    return entries, notes
