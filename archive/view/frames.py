"""The frames of a stack trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from archive.events.model import find_place
from archive.view.members import Members, is_pair, to_text
from archive.view.model import Frame, Line

# What a source map replaced, and the member it was.
_MAPPED = {
    "origFunction": "function",
    "origFilename": "filename",
    "origAbsPath": "absPath",
    "origLineNo": "lineNo",
    "origColNo": "colNo",
}
_EMPTY = Frame("?")


def view_frames(frames: Sequence[Members], raw: Sequence[Members] = ()) -> tuple[Frame, ...]:
    """Frames, newest first.

    raw: the same frames before symbolication or source mapping; none if they are unknown.
    """
    shown: list[Frame] = []
    for frame, raw_frame in zip_longest(reversed(frames), reversed(raw)):
        mapped = Members({name: frame.take(kept) for kept, name in _MAPPED.items()})
        newest = _view_frame(frame, is_newest=not shown)
        before = _view_frame(mapped if raw_frame is None else raw_frame)
        shown.append(replace(newest, raw=_find_difference(before, newest)))
    return tuple(shown)


def _view_frame(frame: Members, *, is_newest: bool = False) -> Frame:
    is_in_app = bool(frame.take_flag("inApp"))
    line, column = frame.take_text("lineNo"), frame.take_text("colNo")
    names = [frame.get_text(name) or None for name in ("module", "filename", "package")]
    place = find_place(*names) or "?"
    for name in ("module", "filename", "package"):
        frame.drop(name, place)
    frame.drop("absPath", names[1] or "")
    return Frame(
        place=":".join(filter(None, (place, line, column))),
        function=frame.take_text("function"),
        address=frame.take_text("instructionAddr"),
        is_in_app=is_in_app,
        is_open=is_in_app or is_newest,
        lines=_view_lines(frame, line),
        variables=frame.take_facts("vars", 0),
        facts=frame.rest(0),
    )


def _view_lines(frame: Members, current: str) -> tuple[Line, ...]:
    """The source lines, if there is nothing else in their list."""
    context = frame.get("context")
    if not isinstance(context, list) or not all(map(is_pair, context)):
        return ()
    frame.take("context")
    lines = ((to_text(number), "" if text is None else to_text(text)) for number, text in context)
    return tuple(Line(number, text, number == current) for number, text in lines)


def _find_difference(raw: Frame, frame: Frame) -> Frame | None:
    """Leave out of a raw frame what the frame itself shows; None if that is everything."""
    difference = replace(
        raw,
        is_in_app=False,
        lines=() if raw.lines == frame.lines else raw.lines,
        variables=() if raw.variables == frame.variables else raw.variables,
        facts=tuple(fact for fact in raw.facts if fact not in frame.facts),
    )
    names = ("place", "function", "address")
    is_same = all(getattr(raw, name) == getattr(frame, name) for name in names)
    return None if difference == _EMPTY or (is_same and not difference.has_details) else difference
