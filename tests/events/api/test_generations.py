"""What each generation of the API shows, and that nothing else differs between two of them."""

from typing import Any

import pytest

from archive.events.api import serialize
from archive.events.api.generation import (
    GENERATION_2024_09,
    GENERATION_2026_03,
    Generation,
)

BODY: dict[str, Any] = {
    "type": "error",
    "timestamp": 1583856533.123456,
    "user": {"id": "7", "geo": {"country_code": "AT", "city": "Vienna"}, "data": {"a": 1}},
    "exception": {
        "values": [
            {
                "type": "a.B",
                "value": "no",
                "module": "m",
                "raw_type": "x",
                "raw_value": "y",
                "stacktrace": {"frames": [{"function": "f", "parent_index": 0}]},
            }
        ]
    },
    "threads": {"values": [{"id": 1, "stacktrace": {"frames": [{"function": "f"}]}}]},
}


def _read(generation: Generation) -> dict[str, Any]:
    return serialize(BODY, generation=generation)


def _find_exception(answer: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = answer["entries"][0]["data"]["values"][0]
    return value


def test_user_of_2026() -> None:
    assert list(_read(GENERATION_2026_03)["user"].items()) == [
        ("id", "7"),
        ("email", None),
        ("username", None),
        ("ip_address", None),
        ("name", None),
        ("geo", {"country_code": "AT", "city": "Vienna"}),
        ("data", {"a": 1}),
    ]


def test_frame_of_2026() -> None:
    exception = _find_exception(_read(GENERATION_2026_03))
    (frame,) = exception["stacktrace"]["frames"]
    keys = list(frame)
    after = keys.index("colNo") + 1
    assert keys[after : after + 3] == ["parentIndex", "sampleCount", "inApp"]
    assert (frame["parentIndex"], frame["sampleCount"]) == (0, None)


def test_exception_of_2026() -> None:
    exception = _find_exception(_read(GENERATION_2026_03))
    assert list(exception.items())[-4:] == [
        ("rawStacktrace", None),
        ("rawValue", "y"),
        ("rawModule", None),
        ("rawType", "x"),
    ]


@pytest.mark.parametrize(
    ("generation", "created"),
    [
        (GENERATION_2024_09, "2020-03-10T16:08:53Z"),
        (GENERATION_2026_03, "2020-03-10T16:08:53.123000Z"),
    ],
    ids=["2024-09", "2026-03"],
)
def test_date_created(generation: Generation, created: str) -> None:
    assert _read(generation)["dateCreated"] == created


def test_newest_is_answered() -> None:
    assert serialize(BODY) == _read(GENERATION_2026_03)


def test_only_that_differs(pair: dict[str, Any]) -> None:
    """Of every event of the corpus, the answer of 2026 without what was added is that of 2024."""
    if pair.get("stored") is None:
        pytest.skip("nothing was stored")
    older = serialize(pair["stored"], generation=GENERATION_2024_09)
    newer = serialize(pair["stored"], generation=GENERATION_2026_03)
    if newer["user"]:
        del newer["user"]["geo"]
    for entry in newer["entries"]:
        for value in entry["data"].get("values", ()) if type(entry["data"]) is dict else ():
            _drop_added(value)
        _drop_added(entry["data"])
    if newer.get("dateCreated"):
        newer["dateCreated"] = newer["dateCreated"][:19] + "Z"
    assert _list_items(newer) == _list_items(older)


def _drop_added(holder: Any) -> None:
    """Leave out what was added to an exception, and to the frames of whatever has any."""
    if type(holder) is not dict:
        return
    for key in ("rawValue", "rawModule", "rawType"):
        holder.pop(key, None)
    for stack in (holder, holder.get("stacktrace"), holder.get("rawStacktrace")):
        for frame in (stack or {}).get("frames") or ():
            del frame["parentIndex"], frame["sampleCount"]


def _list_items(value: Any) -> Any:
    """A value with its members as pairs, so that their order counts."""
    if type(value) is dict:
        return [(key, _list_items(member)) for key, member in value.items()]
    return [_list_items(item) for item in value] if type(value) is list else value
