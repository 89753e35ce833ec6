"""An event of the store shape (snake case) as Sentry's API answers it (camel case)."""

from typing import Any

from archive.events.serializer.event import event_to_api
from archive.events.serializer.renormalize import renormalize

__all__ = ["serialize"]


def serialize(
    body: dict[str, Any],
    *,
    group_id: str | None = None,
    project_id: str | None = None,
    event_id: str | None = None,
    occurrence: dict[str, Any] | None = None,
    is_fresh: bool = False,
) -> dict[str, Any]:
    """Answer a stored body as the API does.

    The ids are what the body does not say itself, or not rightly; an occurrence is what the
    issue platform has of the event. A fresh body has just been normalised by this package, and
    most of it needs no second reading. Never raises on an object of JSON: a value of the wrong type
    is taken as absent.
    Source: Sentry 2024-09, where every answer is of the body normalised once more on reading it.
    """
    event = renormalize(body, is_fresh)
    own_project = event.get("project")
    return event_to_api(
        event,
        event_id=event_id or event.get("event_id"),
        group_id=group_id,
        project_id=project_id or (None if own_project is None else str(own_project)),
        occurrence=occurrence,
    )
