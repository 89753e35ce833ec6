"""Whatever the JSON of an event holds is in what is rendered of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from click import unstyle

import archive
from archive.cli.render_markdown import render_markdown
from archive.cli.render_terminal import render_terminal
from archive.events.api import serialize
from archive.query.listing import Scope
from archive.text import escape_controls
from archive.view import view_event
from tests.corpus import read_pairs
from tests.events.api.test_serialize_hostile import WHOLE, replace_at

Json = dict[str, Any]
Place = tuple[Any, ...]

MARKED_EVENTS = 200
FLIPPED_EVENTS = 20
RENDERERS = {"terminal": render_terminal, "markdown": render_markdown}
# What is not shown: the values of the places that match, and why.
EXCEPTIONS = {
    r"event/entries/\d+/type=.*": "a heading in words instead",
    r"event/entries/\d+/data/values/\d+/type=default": "a breadcrumb without a type",
    r".*=(None|)": "absent",
    r".*=(True|False)": "a mark or its name; see test_every_flag_changes_what_is_shown",
}
FRAMES = [{"function": "f", "lineno": 1, "colno": 2, "vars": {"a": 1}, "context_line": "c"}] * 2
RAW_FRAMES = [{"function": "r", "lineno": 3, "abs_path": "p", "context_line": "d"}] * 2
STACKS = {"stacktrace": {"frames": FRAMES}, "raw_stacktrace": {"frames": RAW_FRAMES}}
UNEQUAL = {"stacktrace": {"frames": FRAMES[1:]}, "raw_stacktrace": {"frames": RAW_FRAMES}}
RAW = {
    **WHOLE,
    "exception": {"values": [{"type": "T", **STACKS}, {"type": "U", **UNEQUAL}]},
    "threads": {"values": [{"id": 1, "current": True, **STACKS}, {"id": 2, "crashed": True}]},
}


def render(answer: Any, renderer: str) -> str:
    return unstyle("\n".join(RENDERERS[renderer](view_event(answer), True)))


@pytest.fixture(scope="module")
def answers(sample: archive.Archive) -> list[Json]:
    """Events with everything, those of the samples, and pairs, which may be a larger corpus's."""
    whole = [serialize(body) for body in (WHOLE, RAW)]
    pairs = [pair["api"] for _, pair in read_pairs() if pair.get("api")]
    samples = sample.list_events(Scope(), limit=1_000)
    return [
        *({"eventId": "e", "event": event} for event in (*whole, *pairs[:MARKED_EVENTS])),
        *(answer.json() for answer in samples),
    ]


@pytest.mark.parametrize("renderer", RENDERERS)
def test_every_value_is_shown(answers: list[Json], renderer: str) -> None:
    missing = set()
    for answer in answers:
        shown = _squeeze(render(answer, renderer))
        missing |= {
            name
            for place, value in _list_scalars(answer)
            if not _is_excepted(name := _name(place, value)) and not _is_in(shown, value)
        }
    assert not missing


@pytest.mark.parametrize("renderer", RENDERERS)
def test_values_that_all_differ_are_shown(answers: list[Json], renderer: str) -> None:
    """No value is taken for shown because another one is equal to it."""
    missing = set()
    for answer in answers[: MARKED_EVENTS + 20]:
        marked, marks = _mark_all(answer)
        shown = set(re.findall(r"<\d+>", render(marked, renderer)))
        missing |= {place for mark, place in marks.items() if mark not in shown}
    assert not missing


def test_every_flag_changes_what_is_shown(answers: list[Json]) -> None:
    """Except hasSystemFrames: the marks of the frames show it."""
    for answer in answers[:FLIPPED_EVENTS]:
        shown = render(answer, "terminal")
        for place, value in _list_scalars(answer):
            if isinstance(value, bool) and place[-1] != "hasSystemFrames":
                changed = render(replace_at(answer, place, not value), "terminal")
                assert changed != shown, place


def _mark_all(answer: Json) -> tuple[Json, dict[str, str]]:
    """Give each text a mark of its own, and replace each number and null by one."""
    marks: dict[str, str] = {}

    def mark(value: Any, place: Place) -> Any:
        if isinstance(value, dict):
            return {key: mark(inner, (*place, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [mark(inner, (*place, at)) for at, inner in enumerate(value)]
        name = _name(place, value)
        if isinstance(value, bool) or ("/type=" in name and name.startswith("event/entries/")):
            return value
        marks[f"<{len(marks)}>"] = name
        return f"{value if isinstance(value, str) else ''}<{len(marks) - 1}>"

    return mark(answer, ()), marks


def _list_scalars(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _list_scalars(inner, (*place, key))
    else:
        yield place, value


def _name(place: Place, value: Any) -> str:
    return f"{'/'.join(map(str, place))}={value}"


def _is_excepted(name: str) -> bool:
    return any(re.fullmatch(pattern, name, re.DOTALL) for pattern in EXCEPTIONS)


def _is_in(shown: str, value: Any) -> bool:
    """Whether a value is shown as text, in lines or on one, or within JSON."""
    if not isinstance(value, str):
        return json.dumps(value) in shown
    within_json = json.dumps(value, ensure_ascii=False)[1:-1]
    lines = map(escape_controls, value.expandtabs(4).split("\n"))
    return (
        all(_squeeze(line) in shown for line in lines)
        or _squeeze(escape_controls(value)) in shown
        or _squeeze(escape_controls(within_json)) in shown
    )


def _squeeze(text: str) -> str:
    """Without white space: values are aligned, and the tabs in them expanded."""
    return "".join(text.split())
