"""Render the view of an event for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from click import style

from archive.cli.table import measure_text
from archive.cli.text import escape_lines
from archive.text import escape_controls
from archive.view import Crumb, Event, Fact, Frame, Trace

_MAX_NAME = 32  # the values of longer names are not aligned


def render_terminal(event: Event, full: bool) -> Iterator[str]:
    """Yield styled lines; control characters of the event are escaped.

    full: open the frames outside the app too.
    """
    yield style(escape_controls(event.title), bold=True)
    yield from _render_facts(event.facts)
    for trace in event.traces:
        yield ""
        yield from _render_trace(trace, full)
    if event.crumbs:
        yield from _render_heading("Breadcrumbs")
        for crumb in event.crumbs:
            yield from _render_crumb(crumb)
    for section in event.sections:
        yield from _render_heading(section.name)
        yield from _render_facts(section.facts)


def _render_heading(name: str) -> Iterator[str]:
    yield ""
    yield style(escape_controls(name), bold=True)


def _render_facts(facts: Sequence[Fact], indent: int = 2) -> Iterator[str]:
    """Yield facts with their values aligned."""
    names = [escape_controls(fact.name) for fact in facts]
    widths = [measure_text(name) for name in names]
    column = max((width for width in widths if width <= _MAX_NAME), default=0)
    for fact, name, width in zip(facts, names, widths, strict=True):
        label = " " * indent + style(name, fg="cyan")
        if fact.value:
            padding = " " * (column - width + 2 if width < column else 2)
            yield from _render_lines(label + padding, fact.value, indent + column + 2)
        else:
            yield label
        yield from _render_facts(fact.facts, indent + 2)


def _render_lines(start: str, text: str, indent: int) -> Iterator[str]:
    """Yield the lines of a text, the first of them after the start."""
    first, *others = escape_lines(text.expandtabs(4)).split("\n")
    yield start + first
    for line in others:
        yield (" " * indent + line).rstrip()


def _render_trace(trace: Trace, full: bool) -> Iterator[str]:
    marks = (style(f" ({mark})", fg="red") for mark in trace.marks)
    start = style(trace.kind, bold=True) + "".join(marks)
    title = ": ".join(filter(None, (trace.name, trace.message)))
    yield from _render_lines(f"{start}  " if title else start, title, 4)
    yield from _render_inline(trace.facts, 2)
    yield from _render_inline(trace.registers, 2)
    for frame in trace.frames:
        yield from _render_frame(frame, full or frame.is_open)


def _render_frame(frame: Frame, is_open: bool) -> Iterator[str]:
    """Yield a frame; ● marks the frames of the app."""
    mark = style("●", fg="green") if frame.is_in_app else " "
    yield f"  {mark} {_describe(frame)}"
    if is_open:
        yield from _render_details(frame)
        if frame.raw:
            yield f"      {style('raw', fg='cyan')} {_describe(frame.raw)}"
            yield from _render_details(frame.raw)


def _describe(frame: Frame) -> str:
    address = f"{frame.address} " if frame.address else ""
    return escape_controls(f"{address}{frame.place} in {frame.function or '?'}")


def _render_details(frame: Frame) -> Iterator[str]:
    for line in frame.lines:
        mark = ">" if line.is_current else " "
        text = escape_controls(f"{line.number:>5} │ {line.text.expandtabs(4)}").rstrip()
        yield style(f"      {mark} {text}", bold=line.is_current or None)
    for variable in frame.variables:
        name = style(escape_controls(variable.name), fg="cyan")
        yield from _render_lines(f"        {name} = ", variable.value, 10)
    yield from _render_inline(frame.facts, 8)


def _render_crumb(crumb: Crumb) -> Iterator[str]:
    start = escape_controls(f"  {crumb.time:27}  {crumb.level:7}  {crumb.category}")
    yield from _render_lines(f"{start}  " if crumb.message else start, crumb.message, 6)
    yield from _render_inline(crumb.facts, 6)


def _render_inline(facts: Sequence[Fact], indent: int) -> Iterator[str]:
    """Yield facts without members on one line."""
    if facts:
        texts = "  ".join(f"{fact.name} {fact.value}".rstrip() for fact in facts)
        yield " " * indent + style(escape_controls(texts), dim=True)
