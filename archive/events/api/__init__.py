"""An event of the store shape (snake case) as Sentry's API answers it (camel case)."""

from dataclasses import replace
from typing import Any

from archive.events.api.event import event_to_api
from archive.events.api.generation import NEWEST, Generation
from archive.events.protocol import renormalize

__all__ = ["serialize", "serialize_for_tables"]

# Members that Sentry makes tags of when it stores an event; a column takes them where it has not.
_TAGGED = ("level", "environment", "release", "dist", "transaction", "logger", "server_name")
_EXACT = replace(NEWEST, date_created_digits=6)


def serialize(
    body: dict[str, Any],
    *,
    group_id: str | None = None,
    project_id: str | None = None,
    event_id: str | None = None,
    occurrence: dict[str, Any] | None = None,
    is_fresh: bool = False,
    generation: Generation = NEWEST,
) -> dict[str, Any]:
    """Answer a stored body as the API does.

    The ids are what the body does not say itself, or not rightly; an occurrence is what the
    issue platform has of the event. A fresh body has just been normalised by this package, and
    most of it needs no second reading. Never raises on an object of JSON: a value of the wrong type
    is taken as absent.
    Source: Sentry 2024-09, where every answer is of the body normalised once more on reading it;
    what has changed since is in `generation`.
    """
    return _answer(
        renormalize(body, is_fresh), group_id, project_id, event_id, occurrence, generation
    )


def serialize_for_tables(
    body: dict[str, Any], *, group_id: str | None, project_id: str | None, is_fresh: bool
) -> dict[str, Any]:
    """The same with an exact `dateCreated`, and with the members that ought to be tags."""
    event = renormalize(body, is_fresh)
    answer = _answer(event, group_id, project_id, None, None, _EXACT)
    for key in _TAGGED:
        if answer.get(key) is None:
            answer[key] = event.get(key)
    return answer


def _answer(
    event: dict[str, Any],
    group_id: str | None,
    project_id: str | None,
    event_id: str | None,
    occurrence: dict[str, Any] | None,
    generation: Generation,
) -> dict[str, Any]:
    own_project = event.get("project")
    return event_to_api(
        event,
        event_id=event_id or event.get("event_id"),
        group_id=group_id,
        project_id=project_id or (None if own_project is None else str(own_project)),
        occurrence=occurrence,
        generation=generation,
    )
