"""The shapes in which Sentry exports events."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple, Self

# Members that only Sentry's event details have, or that a wrapper adds to an event; the
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


class Traits(NamedTuple):
    """How the events of a shape are read, converted and answered.

    is_from_api: the API wrote the event, so that it is answered without conversion.
    is_answer: it is the member `event` of an eventids answer.
    has_details: it may have the members that only event details have.
    is_listed: it is a row of a list, without stack traces.
    is_sent: it is as an SDK sent it, and is normalized as Relay and Sentry's event manager do.
    may_lack_id: Sentry assigns an ID to it if it has none.
    has_download: the JSON download of Sentry's UI can be made from it.
    """

    is_from_api: bool = False
    is_answer: bool = False
    has_details: bool = False
    is_listed: bool = False
    is_sent: bool = False
    may_lack_id: bool = False
    has_download: bool = False


_NO_TRAITS = Traits()  # a default only for mypy, which takes Shape("sdk") for a call of __new__


class Shape(StrEnum):
    """The shape in which an event was exported, the most complete first.

    detail, eventids, full and simple come from Sentry's API. The others are kept as exported and
    converted on lookup: store (Sentry's stored event), download (the UI's JSON download), sdk
    (as an SDK sent it) and splunk (as it was forwarded there).
    """

    traits: Traits
    completeness: int  # the version of an event with the higher rank is kept

    DETAIL = "detail", Traits(is_from_api=True, has_details=True)
    EVENTIDS = "eventids", Traits(is_from_api=True, is_answer=True)
    FULL = "full", Traits(is_from_api=True)
    STORE = "store", Traits(has_download=True)
    DOWNLOAD = "download", Traits(has_download=True)
    SDK = "sdk", Traits(is_sent=True, may_lack_id=True, has_download=True)
    SIMPLE = "simple", Traits(is_from_api=True, has_details=True, is_listed=True)
    SPLUNK = "splunk", Traits(is_sent=True)

    def __new__(cls, name: str, traits: Traits = _NO_TRAITS) -> Self:
        shape = str.__new__(cls, name)
        shape._value_, shape.traits = name, traits
        shape.completeness = -len(cls.__members__)
        return shape


class Hints(NamedTuple):
    """Metadata about an event from its surroundings: a wrapper, an envelope's header, a path."""

    shape: Shape | None = None
    event_id: str | None = None
    organization_slug: str | None = None
    project_slug: str | None = None
    project_id: str | None = None
    group_id: str | None = None

    def add(self, other: Hints) -> Hints:
        """Merge two sets of hints; `other` is closer to the event and takes precedence."""
        if self is NO_HINTS:
            return other
        return Hints._make(new or old for old, new in zip(self, other, strict=True))


NO_HINTS = Hints()
