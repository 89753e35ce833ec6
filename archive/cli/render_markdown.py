"""Render the view of an event as Markdown.

All text of the event is code, in spans or fenced blocks, so that none of it is read as markup, as
a link or as the mention of a user.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from archive.text import escape_controls
from archive.view import Crumb, Event, Fact, Frame, Trace

_BACKTICKS = re.compile("`+")


def render_markdown(event: Event, full: bool) -> Iterator[str]:
    """Yield lines of Markdown.

    full: open the frames outside the app too.
    """
    yield f"# {_code(event.title)}"
    yield ""
    yield from _render_facts(event.facts)
    for trace in event.traces:
        yield from _render_trace(trace, full)
    if event.crumbs:
        yield from _render_heading("Breadcrumbs")
        for crumb in event.crumbs:
            yield from _render_crumb(crumb)
    for section in event.sections:
        yield from _render_heading(section.name)
        yield from _render_facts(section.facts)


def _render_heading(*texts: str) -> Iterator[str]:
    yield ""
    yield f"## {_join(*texts)}"
    yield ""


def _render_facts(facts: Sequence[Fact], indent: int = 0) -> Iterator[str]:
    for fact in facts:
        value = f": {_code(fact.value)}" if fact.value else ""
        yield f"{' ' * indent}- {_code(fact.name)}{value}"
        yield from _render_facts(fact.facts, indent + 2)


def _render_trace(trace: Trace, full: bool) -> Iterator[str]:
    title = ": ".join(filter(None, (trace.name, trace.message)))
    yield from _render_heading(trace.kind, _code(title), *(f"({mark})" for mark in trace.marks))
    yield from _render_facts((*trace.facts, *trace.registers))
    for frame in trace.frames:
        mark = "● " if frame.is_in_app else ""
        yield f"- {mark}{_describe(frame)}"
        if full or frame.is_open:
            yield from _render_details(frame)
            if frame.raw:
                yield ""
                yield f"  raw {_describe(frame.raw)}"
                yield from _render_details(frame.raw)


def _describe(frame: Frame) -> str:
    function = f"in {_code(frame.function)}" if frame.function else ""
    return _join(_code(frame.address), _code(frame.place), function)


def _render_details(frame: Frame) -> Iterator[str]:
    yield from _fence(
        f"{'>' if line.is_current else ' '} {line.number:>5} | {line.text.expandtabs(4)}"
        for line in frame.lines
    )
    yield from _fence(f"{variable.name} = {variable.value}" for variable in frame.variables)
    yield from _render_facts(frame.facts, 2)


def _render_crumb(crumb: Crumb) -> Iterator[str]:
    texts = (crumb.time, crumb.level, crumb.category, crumb.message)
    yield f"- {_join(*map(_code, texts))}"
    yield from _render_facts(crumb.facts, 2)


def _join(*texts: str) -> str:
    return " ".join(filter(None, texts))


def _code(text: str) -> str:
    """A code span on one line; its backticks are more than any in the text."""
    if not text:
        return ""
    marks = "`" * (_longest_run(text) + 1)
    padding = " " if text[0] in " `" or text[-1] in " `" else ""
    return f"{marks}{padding}{escape_controls(text)}{padding}{marks}"


def _fence(lines: Iterable[str]) -> Iterator[str]:
    """A fenced block in a list item, if there are lines; its fence is longer than any in them."""
    texts = [escape_controls(line) for line in lines]
    if texts:
        marks = "`" * max(3, 1 + max(map(_longest_run, texts)))
        yield from (f"  {text}".rstrip() for text in (marks, *texts, marks))


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
