"""Turn an event as an SDK sent it into the form in which Sentry stores it.

What Relay's normaliser and the event manager's `save()` do (both as of September 2024), without
what only grouping or scrubbing changes, and without what an event does not tell itself: its id if
it has none, the time and the address it was received at.
"""

from typing import Any

from archive.events.api.grouping import DEFAULT_CONFIG
from archive.events.ingest.errors import list_errors
from archive.events.ingest.event import normalize_event
from archive.events.ingest.inapp import settle_frames
from archive.events.ingest.summary import summarize

__all__ = ["normalize"]


def normalize(body: dict[str, Any]) -> dict[str, Any]:
    """Give the stored form of an event."""
    event, meta = normalize_event(body)
    list_errors(event, meta)
    mix = settle_frames(event)
    summarize(event)
    if mix is not None:
        event["metadata"]["in_app_frame_mix"] = mix
    if event["type"] != "transaction":
        event["grouping_config"] = dict(sorted(DEFAULT_CONFIG.items()))
    if meta:
        event["_meta"] = meta
    return event
