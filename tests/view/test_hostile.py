"""Hostile events: no value raises, none is lost, and none is read as anything but text."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from click import unstyle
from markdown_it import MarkdownIt

from archive.cli.render_markdown import render_markdown
from archive.cli.render_terminal import render_terminal
from archive.events.api import serialize
from archive.view import view_event
from tests.events.api.test_serialize_hostile import WHOLE, WRONG, list_places, replace_at

ANSWER: dict[str, Any] = {"eventId": "e", "groupId": "7", "event": serialize(WHOLE)}
PLACES = list_places(ANSWER)
DEEP: Any = "end"
for _ in range(400):
    DEEP = [{"k": DEEP}]
VALUES: dict[str, Any] = {
    **{repr(value)[:20]: value for value in WRONG},
    "lines": "x\n\ty\r",
    "a control sequence": "\x1b[2J",
    "pairs": [["a", 1]],
    "objects": [{"key": 1}],
    "values of another type": {"values": 1, "frames": "x", "": {"rem": [1, ["r", "s", 0, None]]}},
    "something deep": DEEP,
}
ALLOWED = {
    *("heading_open", "heading_close", "bullet_list_open", "bullet_list_close"),
    *("list_item_open", "list_item_close", "paragraph_open", "paragraph_close"),
    *("inline", "text", "code_inline", "fence", "softbreak"),
}
MARKUP = [
    "# heading", "**bold**", "_a_", "`code`", "```", "~~~", "```\n# out\n```", "`` ` ``", "`",
    " ` ", "<script>alert(1)</script>", "<!--", "[a](javascript:x)", "![a](http://x)", "- item",
    "1. item", "> quote", "***", "| a | b |", "\n\n# heading", "\r# heading", "&lt;b&gt;",
    "http://evil.example", "www.evil.example", "@everyone", "#123", "\\", "a\\`b", "\t code", " ",
    "\x00", "\u2028# x", "$x$", "a``b```c", "[ref]: http://x", "</details>", ":smile:",
]  # fmt: skip


def _render(answer: Any) -> tuple[str, str]:
    view = view_event(answer)
    return "\n".join(render_terminal(view, True)), "\n".join(render_markdown(view, True))


@pytest.mark.parametrize("answer", VALUES.values(), ids=VALUES)
def test_an_answer_of_any_type(answer: Any) -> None:
    assert all(_render(answer))
    assert all(_render({"event": answer}))


@pytest.mark.parametrize(
    "step", [pytest.param(1, marks=pytest.mark.slow, id="all"), pytest.param(11, id="some")]
)
def test_a_value_of_any_type_in_any_place(step: int) -> None:
    for place, name in list(product(PLACES, VALUES))[::step]:
        for text in _render(replace_at(ANSWER, place, VALUES[name])):
            text.encode()
            assert not set(unstyle(text)) & set("\x1b\r\x00"), (place, name)


@pytest.mark.parametrize("text", MARKUP)
def test_markup_of_an_event_is_only_code(text: str) -> None:
    """Its Markdown has the structure, and outside code the text, of a harmless event's."""
    assert _outline(_replace_texts(ANSWER, text)) == _outline(_replace_texts(ANSWER, "x"))


NAMED = {"vars", "contexts", "packages", "context", "registers"}  # by the event, not by Sentry


def _replace_texts(value: Any, text: str, place: tuple[Any, ...] = ()) -> Any:
    if isinstance(value, dict):
        names_too = bool(NAMED & set(place))
        return {
            text if names_too else key: _replace_texts(inner, text, (*place, key))
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_replace_texts(inner, text, (*place, at)) for at, inner in enumerate(value)]
    is_kept = not isinstance(value, str) or (place[:2] == ("event", "entries") and len(place) == 4)
    return value if is_kept else text


def _outline(answer: Any) -> list[Any]:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    blocks = parser.parse("\n".join(render_markdown(view_event(answer), True)))
    outline: list[Any] = []
    for block in blocks:
        outline.append((block.type, block.tag, block.level, block.info))
        outline += [
            (token.type, "" if token.type == "code_inline" else token.content)
            for token in block.children or ()
        ]
    assert {kind for kind, *_ in outline} <= ALLOWED
    return outline
