"""The shapes in which Sentry exports an event, and what may be told beside one."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

# Members that only Sentry's event details carry, or that a wrapper adds to an event; the
# eventids answer has none of them (Sentry, api/serializers/models/event.py).
DETAIL_ONLY = frozenset(
    {
        "nextEventID",
        "previousEventID",
        "release",
        "userReport",
        "sdkUpdates",
        "resolvedWith",
        "formatted",
        "projectSlug",
        "trace",
        "url",
    }
)


class Shape(StrEnum):
    """In which shape an event was exported, the most complete first.

    detail, eventids, full and simple are what Sentry's API gives. The others are kept as they
    are and converted when they are looked up: store (what Sentry stored), download (the JSON
    that its UI gives), sdk (what an SDK sent) and splunk (what was forwarded there).
    """

    DETAIL = "detail"
    EVENTIDS = "eventids"
    FULL = "full"
    STORE = "store"
    DOWNLOAD = "download"
    SDK = "sdk"
    SIMPLE = "simple"
    SPLUNK = "splunk"

    @property
    def completeness(self) -> int:
        """The larger, the more of the event it carries; the larger version of an event wins."""
        return -list(Shape).index(self)

    @property
    def is_answered_from_bytes(self) -> bool:
        """Whether the API wrote it, so that answering needs no conversion."""
        return self in (Shape.EVENTIDS, Shape.DETAIL, Shape.FULL, Shape.SIMPLE)


class Told(NamedTuple):
    """What an event's surroundings say about it: a wrapper, an envelope's header, a path."""

    shape: Shape | None = None
    event_id: str | None = None
    organization_slug: str | None = None
    project_slug: str | None = None
    project_id: str | None = None
    group_id: str | None = None

    def add(self, other: Told) -> Told:
        """Both together; where both say something, the other, which stands closer to the event."""
        if self is NOTHING_TOLD:
            return other
        return Told._make(new or old for old, new in zip(self, other, strict=True))


NOTHING_TOLD = Told()
