"""The view model of an event. All values are text of the event, not yet escaped."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value; the members of an object or a list are facts of their own."""

    name: str
    value: str = ""
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A source line."""

    number: str
    text: str
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """A call.

    address: of the instruction, in native code. raw: the frame before it was symbolicated or
    mapped to its source. is_open: whether it is worth reading in full: it is in the app, or the
    newest.
    """

    place: str
    function: str = ""
    address: str = ""
    is_in_app: bool = False
    is_open: bool = False
    lines: tuple[Line, ...] = ()
    variables: tuple[Fact, ...] = ()
    facts: tuple[Fact, ...] = ()
    raw: Frame | None = None

    @property
    def has_details(self) -> bool:
        return bool(self.lines or self.variables or self.facts or self.raw)


@dataclass(frozen=True, slots=True)
class Trace:
    """An exception, a thread or a stack trace, with its frames, newest first.

    kind: what it is, such as "Caused by". marks: such as "unhandled".
    """

    kind: str
    name: str = ""
    message: str = ""
    marks: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    registers: tuple[Fact, ...] = ()
    frames: tuple[Frame, ...] = ()


@dataclass(frozen=True, slots=True)
class Crumb:
    """A breadcrumb."""

    time: str
    level: str
    category: str
    message: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Facts under a heading, such as the tags."""

    name: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    facts: what identifies it. traces: the reported exception first, then its causes, then threads,
    the crashed one first.
    """

    title: str
    facts: tuple[Fact, ...]
    traces: tuple[Trace, ...]
    crumbs: tuple[Crumb, ...]
    sections: tuple[Section, ...]

    @property
    def has_folded(self) -> bool:
        """Whether a frame that is not open has more than its first line."""
        frames = (frame for trace in self.traces for frame in trace.frames)
        return any(frame.has_details and not frame.is_open for frame in frames)
