"""The sample's events as plain Python, read from their JSON and not from the tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import archive
from archive.resolve import Answer

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Frame:
    """A frame, and which stack it stands in."""

    stack: tuple[str, int, str | None]
    index: int
    is_last: bool
    function: str | None
    module: str | None
    filename: str | None
    package: str | None
    in_app: bool

    @property
    def place(self) -> str | None:
        return self.module or self.filename or self.package


@dataclass(frozen=True)
class Event:
    """An event as the API shows it."""

    id: str
    project: str
    group: int
    time: datetime
    title: str
    tags: dict[str, str]
    user: dict[str, Any]
    sdk: tuple[str | None, str | None]
    trace: str | None
    span: str | None
    transaction: str | None
    exception: str | None
    message: str | None
    handled: bool | None
    frames: list[Frame] = field(default_factory=list)

    @property
    def level(self) -> str | None:
        return self.tags.get("level")

    @property
    def release(self) -> str | None:
        return self.tags.get("release")

    @property
    def who(self) -> str | None:
        return self.tags.get("user")

    @property
    def day(self) -> datetime:
        return self.time.replace(hour=0, minute=0, second=0, microsecond=0)


def read_events(sample: archive.Archive) -> list[Event]:
    """Every event of an archive of API answers."""
    ids = [event_id for (event_id,) in sample.sql("SELECT event_id FROM payloads")]
    answers = [answer.json() for answer in sample.resolve_many(ids) if isinstance(answer, Answer)]
    return [_read(answer) for answer in answers]


def _read(answer: dict[str, Any]) -> Event:
    event = answer["event"]
    trace = (event.get("contexts") or {}).get("trace") or {}
    tags = {tag["key"]: tag["value"] for tag in event["tags"] if tag["value"] is not None}
    values: list[dict[str, Any]] = next(
        (e["data"]["values"] for e in event.get("entries", ()) if e["type"] == "exception"), []
    )
    last = values[-1] if values else {}
    metadata = event.get("metadata") or {}
    return Event(
        id=answer["eventId"],
        project=answer["projectSlug"],
        group=int(answer["groupId"]),
        time=datetime.fromisoformat(event["dateCreated"]).astimezone(UTC),
        title=event["title"],
        tags=tags,
        user=event.get("user") or {},
        sdk=((event.get("sdk") or {}).get("name"), (event.get("sdk") or {}).get("version")),
        trace=trace.get("trace_id"),
        span=trace.get("span_id"),
        transaction=tags.get("transaction"),
        exception=last.get("type", metadata.get("type")),
        message=last.get("value", metadata.get("value")),
        handled=(last.get("mechanism") or {}).get("handled"),
        frames=list(_read_frames(event)),
    )


def _read_frames(event: dict[str, Any]) -> Iterable[Frame]:
    for entry in event.get("entries", ()):
        kind = entry["type"]
        if kind == "stacktrace":
            stacks: list[Any] = [((kind, 0, None), entry["data"])]
        elif kind in ("exception", "threads"):
            stacks = [
                ((kind, at, str(value.get("id"))), value.get("stacktrace"))
                for at, value in enumerate(entry["data"]["values"])
            ]
        else:
            continue
        for stack, trace in stacks:
            frames = (trace or {}).get("frames") or []
            for at, frame in enumerate(frames):
                yield Frame(
                    stack,
                    at,
                    at == len(frames) - 1,
                    frame["function"],
                    frame["module"],
                    frame["filename"],
                    frame["package"],
                    bool(frame["inApp"]),
                )


def find_crash(event: Event) -> Frame | None:
    """The last in-app frame of an event, else its last frame."""
    order = ["threads", "stacktrace", "exception"]
    return max(
        event.frames,
        key=lambda f: (
            f.in_app,
            order.index(f.stack[0]),
            f.stack[1] * (f.stack[0] == "exception"),
            f.index,
        ),
        default=None,
    )
