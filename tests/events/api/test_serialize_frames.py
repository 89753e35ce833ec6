"""Frames: their source lines, links, names, addresses and processing data."""

from typing import Any

import pytest

from archive.events.api.frames import frame_to_api, number_lines
from archive.events.api.generation import NEWEST
from archive.events.api.stacktrace import stacktrace_to_api


@pytest.mark.parametrize(
    ("frame", "lines"),
    [
        pytest.param({"lineno": 5, "context_line": "c"}, [[5, "c"]], id="line"),
        pytest.param(
            {"lineno": 1, "pre_context": ["a", "b"], "context_line": "c", "post_context": ["d"]},
            [[-1, "a"], [0, "b"], [1, "c"], [2, "d"]],
            id="below-one",
        ),
        pytest.param({"lineno": 0, "post_context": ["d"]}, [[0, None], [1, "d"]], id="only-after"),
        pytest.param({"lineno": 5}, [], id="no-source"),
        pytest.param({"context_line": "c"}, [], id="no-number"),
    ],
)
def test_source_lines_are_numbered(frame: dict[str, Any], lines: list[list[Any]]) -> None:
    assert number_lines(frame) == lines


@pytest.mark.parametrize(
    ("link", "shown"),
    [
        (
            "https://raw.githubusercontent.com/o/r/s/a.cs",
            "https://www.github.com/o/r/blob/s/a.cs#L3",
        ),
        ("https://raw.githubusercontent.com/o/r", "https://raw.githubusercontent.com/o/r"),
        ("https://example.com/a?b#c", "https://example.com/a?b#c"),
        ("file:///a.cs", None),
        ("a.cs", None),
        ("https://[", None),
        (5, None),
        (None, None),
    ],
)
def test_source_link_is_a_page(link: Any, shown: str | None) -> None:
    assert frame_to_api({"source_link": link, "lineno": 3}, None, 0, NEWEST)["sourceLink"] == shown


@pytest.mark.parametrize(
    ("frame", "platform", "name"),
    [
        ({"function": "A.B (int c)"}, "csharp", "A.B"),
        ({"function": "A.B (int c)", "platform": "csharp"}, None, "A.B"),
        ({"function": "A.B (int c)", "raw_function": "x"}, "csharp", "A.B (int c)"),
        ({"function": "A.B (int c)"}, "python", "A.B (int c)"),
        ({}, "csharp", None),
    ],
)
def test_csharp_function_loses_its_arguments(
    frame: dict[str, Any], platform: str | None, name: str | None
) -> None:
    assert frame_to_api(frame, platform, 0, NEWEST)["function"] == name


def test_addresses_are_as_wide_as_the_widest() -> None:
    frames = [{"instruction_addr": "0x1f"}, {"symbol_addr": "0x1000"}, None]
    shown = stacktrace_to_api({"frames": frames}, None, NEWEST)["frames"]
    assert [frame["instructionAddr"] for frame in shown] == ["0x001f", None, None]
    assert [frame["symbolAddr"] for frame in shown] == [None, "0x1000", None]


def test_processing_data_is_shown_with_the_frame() -> None:
    data = {"sourcemap": "https://x/a/b.map", "orig_lineno": 7, "is_sentinel": True}
    shown = frame_to_api({"data": data, "addr_mode": "rel:0"}, None, 0, NEWEST)
    assert {key: shown[key] for key in list(shown)[21:]} == {
        "addrMode": "rel:0",
        "map": "b.map",
        "origFunction": "?",
        "origAbsPath": "?",
        "origFilename": "?",
        "origLineNo": 7,
        "origColNo": "?",
        "mapUrl": "https://x/a/b.map",
        "isSentinel": True,
    }
