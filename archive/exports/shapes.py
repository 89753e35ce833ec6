"""The shapes in which Sentry exports an event."""

from __future__ import annotations

from enum import StrEnum

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
    """Which of Sentry's serializers wrote an event, the most complete first."""

    EVENTIDS = "eventids"
    DETAIL = "detail"
    FULL = "full"
    SIMPLE = "simple"

    @property
    def completeness(self) -> int:
        """The larger, the more of the event it carries; the larger version of an event wins."""
        return -list(Shape).index(self)
