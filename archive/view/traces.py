"""Exceptions, threads and stack traces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from archive.view.frames import view_frames
from archive.view.members import Members
from archive.view.model import Fact, Trace


def view_exceptions(data: Members) -> list[Trace]:
    """The reported exception, then its causes; Sentry stores them in the opposite order."""
    data.take_flag("hasSystemFrames")  # the marks of the frames show it
    traces: list[Trace] = []
    for value in reversed(data.take_items("values")):
        traces += _view_exception(value, "Caused by" if traces else "Exception")
    return traces


def view_threads(data: Members) -> list[Trace]:
    """Threads, those that crashed first."""
    values = data.take_items("values")
    values.sort(key=lambda value: value.get_text("crashed") != "true")
    return [trace for value in values for trace in _view_thread(value)]


def view_stacktrace(data: Members) -> list[Trace]:
    """The stack trace of an event without an exception."""
    return [_add_stack(Trace("Stack trace"), data, data.take_items("frames"))]


def _view_exception(value: Members, kind: str) -> list[Trace]:
    name, message = value.take_text("type"), value.take_text("value")
    raw = ": ".join(filter(None, (value.take_text("rawType"), value.take_text("rawValue"))))
    mechanism = value.take_members("mechanism")
    handled = mechanism.take_flag("handled")
    marks = () if handled is None else ("handled",) if handled else ("unhandled",)
    facts = [Fact("raw", raw)] if raw else []
    facts += [Fact(f"mechanism {fact.name}", fact.value) for fact in mechanism.rest(0)]
    return _add_stacks(Trace(kind, name, message, marks, tuple(facts)), value)


def _view_thread(value: Members) -> list[Trace]:
    name = " ".join(filter(None, (value.take_text("id"), value.take_text("name"))))
    flags = {mark: value.take_flag(mark) for mark in ("crashed", "current")}
    marks = tuple(mark for mark, is_set in flags.items() if is_set)
    return _add_stacks(Trace("Thread", name, "", marks), value)


def _add_stacks(trace: Trace, value: Members) -> list[Trace]:
    """Add the stack trace of an exception or a thread, and the other members.

    The raw one, from before symbolication or source mapping, is shown frame by frame with it, or
    after it if their frames do not correspond.
    """
    stack, raw = value.take_members("stacktrace"), value.take_members("rawStacktrace")
    frames, raw_frames = stack.take_items("frames"), raw.take_items("frames")
    trace = replace(trace, facts=(*trace.facts, *value.rest(0)))
    if len(frames) == len(raw_frames):
        trace, raw_frames = _add_stack(trace, stack, frames, raw_frames), []
    else:
        trace = _add_stack(trace, stack, frames)
    raw_trace = _add_stack(Trace("Raw stack trace"), raw, raw_frames)
    has_more = raw_trace.frames or raw_trace.facts or raw_trace.registers != trace.registers
    return [trace, raw_trace] if has_more else [trace]


def _add_stack(
    trace: Trace, stack: Members, frames: Sequence[Members], raw: Sequence[Members] = ()
) -> Trace:
    """Add a stack trace whose frames are taken already."""
    stack.take_flag("hasSystemFrames")
    return replace(
        trace,
        registers=stack.take_facts("registers", 0),
        facts=(*trace.facts, *stack.rest(0)),
        frames=view_frames(frames, raw),
    )
