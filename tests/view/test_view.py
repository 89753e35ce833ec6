"""What the view makes of an event: its order, its marks and its words."""

from __future__ import annotations

from typing import Any

import pytest

from archive.view import Event, Fact, Line, view_event


def _view(kind: str = "exception", /, *values: dict[str, Any], **members: Any) -> Event:
    entries = [{"type": kind, "data": {"values": list(values)}}]
    return view_event({"event": {"entries": entries, **members}})


def _stack(*names: str, **members: Any) -> dict[str, Any]:
    return {"frames": [{"function": name, **members} for name in names]}


def test_the_reported_exception_is_first_and_its_newest_frame() -> None:
    view = _view(
        "exception",
        {"type": "Cause", "value": "c"},
        {"type": "Reported", "value": "r", "stacktrace": _stack("main", "fail")},
    )
    assert [(t.kind, t.name, t.message) for t in view.traces] == [
        ("Exception", "Reported", "r"),
        ("Caused by", "Cause", "c"),
    ]
    assert [frame.function for frame in view.traces[0].frames] == ["fail", "main"]


def test_a_thread_that_crashed_is_first() -> None:
    view = _view("threads", {"id": 1, "current": True}, {"id": 2, "name": "n", "crashed": True})
    assert [(t.name, t.marks) for t in view.traces] == [("2 n", ("crashed",)), ("1", ("current",))]


@pytest.mark.parametrize(
    ("handled", "marks"), [(True, ("handled",)), (False, ("unhandled",)), (None, ()), ("no", ())]
)
def test_marks_of_an_exception(handled: Any, marks: tuple[str, ...]) -> None:
    (trace,) = _view("exception", {"mechanism": {"handled": handled}}).traces
    assert trace.marks == marks


def test_open_frames_are_in_app_or_the_newest() -> None:
    stack = {"frames": [{"inApp": False}, {"inApp": True}, {"inApp": None}, {"inApp": False}]}
    (trace,) = _view("exception", {"stacktrace": stack}).traces
    assert [frame.is_open for frame in trace.frames] == [True, False, True, False]


def test_a_frame() -> None:
    frame = {
        "module": "m",
        "filename": "m.py",
        "absPath": "m.py",
        "function": "f",
        "lineNo": 2,
        "colNo": 8,
        "instructionAddr": "0x1",
        "context": [[1, "a"], [2, None]],
        "vars": {"x": None},
        "symbol": "s",
        "trust": None,
    }
    ((shown,),) = (t.frames for t in _view("exception", {"stacktrace": {"frames": [frame]}}).traces)
    assert (shown.place, shown.function, shown.address) == ("m:2:8", "f", "0x1")
    assert shown.lines == (Line("1", "a"), Line("2", "", is_current=True))
    assert shown.variables == (Fact("x", "null"),)
    assert shown.facts == (Fact("filename", "m.py"), Fact("symbol", "s"))


MINIFIED = {
    "frame by frame": ({"rawStacktrace": _stack("a", "b")}, ["b", "a"], 1),
    "of another length": ({"rawStacktrace": _stack("a")}, [None, None], 2),
    "the same": ({"rawStacktrace": _stack("main", "fail")}, [None, None], 1),
    "none": ({}, [None, None], 1),
}


@pytest.mark.parametrize(("members", "raw", "traces"), MINIFIED.values(), ids=MINIFIED)
def test_raw_frames_are_next_to_the_others(
    members: dict[str, Any], raw: list[str | None], traces: int
) -> None:
    view = _view("exception", {"stacktrace": _stack("main", "fail"), **members})
    assert [frame.raw and frame.raw.function for frame in view.traces[0].frames] == raw
    assert len(view.traces) == traces


def test_a_frame_that_a_source_map_changed() -> None:
    stack = _stack("f", lineNo=9, origFunction="t", origFilename="a.min.js", origLineNo=1)
    ((frame,),) = (trace.frames for trace in _view("exception", {"stacktrace": stack}).traces)
    assert frame.raw and (frame.raw.place, frame.raw.function) == ("a.min.js:1", "t")


REMARKS: dict[str, tuple[Any, list[Fact]]] = {
    "removed": (
        {"user": {"ip": {"": {"rem": [["@ip", "x"]]}}}},
        [Fact("user.ip", "removed by @ip")],
    ),
    "replaced in part": (
        {"": {"rem": [["@ip:replace", "s", 0, 4]], "len": 9}},
        [Fact("", "replaced by @ip:replace, characters 0 to 4", (Fact("len", "9"),))],
    ),
    "invalid": ({"a": {"": {"err": ["e"]}}}, [Fact("a", "", (Fact("err", '["e"]'),))]),
    "an unknown action": ({"": {"rem": [["r", "?"]]}}, [Fact("", '["r","?"]')]),
    "nothing": ({"": None, "a": {"": {}}, "b": None, "c": []}, []),
    "a list": ({"a": [{"": 1}, 2]}, [Fact("a", '[{"":1},2]')]),
}


@pytest.mark.parametrize(("meta", "facts"), REMARKS.values(), ids=REMARKS)
def test_remarks(meta: Any, facts: list[Fact]) -> None:
    sections = {section.name: section.facts for section in _view(_meta=meta).sections}
    assert list(sections.get("Remarks", ())) == facts


def test_absent_members_are_left_out_but_not_the_values_of_variables_and_extra_data() -> None:
    view = _view(dist=None, sdk={}, culprit="", context={"a": None, "b": ""})
    assert [(section.name, section.facts) for section in view.sections] == [
        ("Extra", (Fact("a", "null"), Fact("b")))
    ]


def test_pairs_are_named_by_their_first_item() -> None:
    request = {"type": "request", "data": {"headers": [["A", "1"], ["A", "2"]], "method": "GET"}}
    (section,) = view_event({"event": {"entries": [request]}}).sections
    assert section.facts == (
        Fact("method", "GET"),
        Fact("headers", "", (Fact("A", "1"), Fact("A", "2"))),
    )
