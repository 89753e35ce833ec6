"""Turn an event as an SDK sent it into the form in which Sentry stores it.

Does what Relay's normalizer and the event manager's `save()` do (both as of September 2024),
except what only grouping or scrubbing changes, and what an event does not contain: its ID if it has
none, and the time and the address it was received at.
"""

from typing import Any

from archive.events.api.grouping import DEFAULT_CONFIG
from archive.events.ingest.event import list_errors, normalize_event
from archive.events.ingest.frames import settle_frames
from archive.events.ingest.leave_out import leave_out
from archive.events.ingest.summary import summarize

__all__ = ["leave_out", "normalize"]


def normalize(body: dict[str, Any]) -> dict[str, Any]:
    """Return the stored form of an event."""
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
