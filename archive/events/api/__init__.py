"""An event of the store shape (snake case) as Sentry's API answers it (camel case)."""

from typing import Any

from archive.events.api.event import event_to_api
from archive.events.api.generation import NEWEST, Generation
from archive.events.protocol import renormalize

__all__ = ["serialize"]


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

    Never raises on an object of JSON: a value of the wrong type is treated as absent.

    group_id, project_id, event_id: what the body does not contain, or not correctly.
    occurrence: the event's occurrence on the issue platform.
    is_fresh: whether `archive.events.ingest` just made the body; most of it is then not read again.
    Source: Sentry 2024-09, where every answer is of the body normalized once more on reading it;
    what has changed since is in `generation`.
    """
    return event_to_api(
        renormalize(body, is_fresh),
        event_id=event_id,
        group_id=group_id,
        project_id=project_id,
        occurrence=occurrence,
        generation=generation,
    )
