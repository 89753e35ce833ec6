"""Turn an event as an SDK sent it into the form in which Sentry stores it.

What Relay's normaliser and the event manager's `save()` do (both as of September 2024), without
what only grouping or scrubbing changes, and without what an event does not tell itself: its id if
it has none, the time and the address it was received at.
"""

from typing import Any

from archive.events.normalize.errors import list_errors
from archive.events.normalize.event import normalize_event
from archive.events.normalize.inapp import settle_frames
from archive.events.normalize.summary import summarize

__all__ = ["is_normalized", "normalize"]


def normalize(body: dict[str, Any]) -> dict[str, Any]:
    """Give the stored form of an event; one that already has it is returned as it is."""
    if is_normalized(body):
        return dict(body)
    event, meta = normalize_event(body)
    list_errors(event, meta)
    mix = settle_frames(event)
    summarize(event)
    if mix is not None:
        event["metadata"]["in_app_frame_mix"] = mix
    if meta:
        event["_meta"] = meta
    return event


def is_normalized(body: dict[str, Any]) -> bool:
    """Tell whether a body was stored by Sentry, or downloaded from its user interface.

    No SDK has members for an event's title and location: `EventManager.save` materialises them
    into the stored body (location even where it is null), and `EventJsonEndpoint` adds them to
    each download. Clues such as `hashes` or `received` would not do, as bodies that are sent again
    may carry them.
    """
    return "title" in body and "location" in body
