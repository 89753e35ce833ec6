"""Render an event as text for people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from archive.cli.text import escape_controls
from archive.events.model import find_place

Json = dict[str, Any]


def render_event(answer: Json) -> Iterator[str]:
    """Yield the lines of an event, without control characters.

    answer: a response of the API's eventids endpoint.
    """
    for line in _render(answer):
        yield escape_controls(line)


def _render(answer: Json) -> Iterator[str]:
    event = _object(answer.get("event"))
    yield str(event.get("title") or "<untitled>")
    yield from _render_facts(answer, event)
    tags = [_object(tag) for tag in _list(event.get("tags"))]
    if tags:
        yield ""
        yield "Tags"
        width = max(len(str(tag.get("key"))) for tag in tags)
        for tag in tags:
            yield f"  {tag.get('key')!s:{width}}  {_text(tag.get('value'))}"
    renderers = {
        "message": _render_message,
        "exception": _render_exceptions,
        "stacktrace": _render_top_stacktrace,
        "threads": _render_threads,
        "breadcrumbs": _render_breadcrumbs,
        "request": _render_request,
    }
    for entry in map(_object, _list(event.get("entries"))):
        renderer = renderers.get(str(entry.get("type")))
        if renderer:
            yield from renderer(_object(entry.get("data")))
    yield from _render_members("Context", _object(event.get("context")))


def _render_facts(answer: Json, event: Json) -> Iterator[str]:
    user = _object(event.get("user"))
    facts = {
        "event": answer.get("eventId"),
        "project": "/".join(
            _text(slug)
            for slug in (answer.get("organizationSlug"), answer.get("projectSlug"))
            if slug
        )
        or event.get("projectID"),
        "issue": event.get("groupID"),
        "culprit": event.get("culprit"),
        "happened": event.get("dateCreated") or event.get("endTimestamp"),
        "received": event.get("dateReceived"),
        "platform": event.get("platform"),
        "user": next(
            (user[k] for k in ("email", "username", "id", "ip_address") if user.get(k)), None
        ),
    }
    for name, value in facts.items():
        if value not in (None, ""):
            yield f"  {name:8}  {_text(value)}"


def _render_message(data: Json) -> Iterator[str]:
    yield ""
    yield f"Message  {_text(data.get('formatted') or data.get('message'))}"


def _render_exceptions(data: Json) -> Iterator[str]:
    """Render exceptions as Sentry stores them: causes first, the reported one last."""
    for value in map(_object, _list(data.get("values"))):
        mechanism = _object(value.get("mechanism"))
        unhandled = "  (unhandled)" if mechanism.get("handled") is False else ""
        yield ""
        yield f"Exception  {value.get('type')}: {_text(value.get('value'))}{unhandled}"
        yield from _render_stacktrace(_object(value.get("stacktrace")))


def _render_top_stacktrace(data: Json) -> Iterator[str]:
    yield ""
    yield "Stack trace"
    yield from _render_stacktrace(data)


def _render_threads(data: Json) -> Iterator[str]:
    for thread in map(_object, _list(data.get("values"))):
        crashed = "  (crashed)" if thread.get("crashed") else ""
        yield ""
        yield f"Thread  {_text(thread.get('name') or thread.get('id'))}{crashed}"
        yield from _render_stacktrace(_object(thread.get("stacktrace")))


def _render_stacktrace(data: Json) -> Iterator[str]:
    """Render frames, oldest call first; ● marks in-app frames. These and the last have context."""
    frames = [_object(frame) for frame in _list(data.get("frames"))]
    for at, frame in enumerate(frames):
        mark = "●" if frame.get("inApp") else " "
        place = find_place(frame.get("module"), frame.get("filename"), frame.get("package")) or "?"
        line = f":{frame['lineNo']}" if frame.get("lineNo") is not None else ""
        yield f"  {mark} {place}{line} in {_text(frame.get('function')) or '?'}"
        if frame.get("inApp") or at == len(frames) - 1:
            yield from _render_context(frame)


def _render_context(frame: Json) -> Iterator[str]:
    for line in _list(frame.get("context")):
        if isinstance(line, list) and len(line) == 2:
            mark = ">" if line[0] == frame.get("lineNo") else " "
            yield f"      {mark} {line[0]!s:>5} │ {_text(line[1]).expandtabs(4)}".rstrip()


def _render_breadcrumbs(data: Json) -> Iterator[str]:
    yield ""
    yield "Breadcrumbs"
    for crumb in map(_object, _list(data.get("values"))):
        message = crumb.get("message") or _text(crumb.get("data"))
        yield (
            f"  {_text(crumb.get('timestamp')):27}  {_text(crumb.get('level')):7}  "
            f"{_text(crumb.get('category') or crumb.get('type'))}  {_text(message)}"
        ).rstrip()


def _render_request(data: Json) -> Iterator[str]:
    yield ""
    yield f"Request  {_text(data.get('method'))} {_text(data.get('url'))}"
    for name in ("query", "headers", "cookies"):
        for pair in _list(data.get(name)):
            if isinstance(pair, list) and len(pair) == 2:
                yield f"  {name:7}  {pair[0]}: {_text(pair[1])}"
    if data.get("data") not in (None, "", {}, []):
        yield f"  body     {_text(data['data'])}"


def _render_members(heading: str, members: Json) -> Iterator[str]:
    if members:
        yield ""
        yield heading
        width = max(map(len, members))
        for name, value in members.items():
            yield f"  {name:{width}}  {_text(value)}"


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
