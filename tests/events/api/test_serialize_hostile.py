"""Whatever the body holds, an answer is given: nothing raises and the rest is still said."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.events.api import serialize
from archive.events.api.entries import INTERFACES

WHOLE: dict[str, Any] = {
    "event_id": "fc6d8c0c43fc4630ad850ee518f1b9d0",
    "project": 1,
    "type": "error",
    "level": "error",
    "platform": "csharp",
    "title": "T",
    "culprit": "c",
    "timestamp": 1583856533.5,
    "received": 1583856534,
    "hashes": ["h"],
    "fingerprint": ["{{ default }}"],
    "metadata": {"type": "E", "value": "v", "filename": "f"},
    "modules": {"m": "1"},
    "extra": {"e": {"n": [1]}},
    "tags": [["sentry:user", "id:7"], ["device.class", "1"]],
    "errors": [{"type": "invalid_data", "name": "n", "value": 1}],
    "user": {"id": "7", "ip_address": "::1", "geo": {"city": "c"}, "data": {"k": 1}},
    "sdk": {"name": "n", "version": "1", "packages": [{"name": "p", "version": "1"}]},
    "contexts": {"os": {"name": "n", "build": 1}, "trace": {"data": {"method": "GET"}}},
    "logentry": {"message": "m", "formatted": "f", "params": [1]},
    "exception": {
        "values": [
            {
                "type": "E",
                "value": "v",
                "thread_id": 1,
                "raw_value": "v",
                "raw_type": "E",
                "mechanism": {"type": "m", "data": {"k": 1}, "meta": {"signal": {"number": 1}}},
                "stacktrace": {
                    "frames": [
                        {
                            "function": "f (x)",
                            "lineno": 3,
                            "pre_context": ["a"],
                            "context_line": "b",
                            "vars": {"v": 1},
                            "data": {"sourcemap": "http://s/m", "is_sentinel": True},
                            "instruction_addr": "0x1",
                            "source_link": "https://raw.githubusercontent.com/o/r/f",
                            "lock": {"type": 1, "thread_id": 1},
                            "parent_index": 0,
                        }
                    ],
                    "registers": {"r": "0x1"},
                },
            }
        ]
    },
    "stacktrace": {"frames": [{"function": "f"}], "frames_omitted": [1, 2]},
    "spans": [{"op": "o", "timestamp": 1, "data": {"status_code": 200}, "tags": {"t": 1}}],
    "threads": {"values": [{"id": 1, "name": "n", "held_locks": {"l": {"type": 1}}}]},
    "csp": {"document_uri": "d"},
    "hpkp": {"hostname": "h", "port": 1, "known_pins": ["p"]},
    "expectct": {"hostname": "h", "scts": [{"version": 1}]},
    "expectstaple": {"hostname": "h"},
    "template": {"filename": "f", "lineno": 1, "context_line": "c"},
    "breadcrumbs": {"values": [{"timestamp": 1, "data": {"k": 1}, "level": "info"}]},
    "request": {"url": "u", "headers": [["A", "1"]], "cookies": [["c", "1"]], "env": {"e": 1}},
    "debug_meta": {"images": [{"type": "elf", "debug_id": "d", "image_addr": "0x1"}]},
    "nel": {"type": "t"},
    "grouping_config": {"id": "i", "enhancements": "e"},
    "measurements": {"m": {"value": 1, "unit": "u"}},
    "breakdowns": {"b": {"m": {"value": 1}}},
    "_meta": {
        "logentry": {"formatted": {"": {"rem": [["r", "s", 0, 1]], "len": 3}}},
        "exception": {"values": {"0": {"value": {"": {"err": ["e"]}}}}},
        "tags": {"0": {"1": {"": {"len": 3}}}},
        "contexts": {"os": {"type": {"": {"len": 3}}}},
    },
}

WRONG: list[Any] = [
    *(None, True, -1, 2**80, 1.5, float("inf"), "", "x", "\ud83d"),
    *([], [None], [[]], {}, {"": {}}),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(alphabet=st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from(["0x1", "1e5", "2020-01-01T00:00:00Z", "values", "sentry:user", ""]),
    lambda items: (
        st.lists(items, max_size=3)
        | st.dictionaries(st.sampled_from(["", "0", "1", "values", "type", "frames", "x"]), items)
    ),
    max_leaves=6,
)


def list_places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value in objects and lists."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    places = []
    for key, member in members:
        places.append((*path, key))
        if isinstance(member, dict | list):
            places += list_places(member, (*path, key))
    return places


PLACES = list_places(WHOLE)


def replace_at(body: dict[str, Any], place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """A copy of an object with another value at a place."""
    changed = copy.deepcopy(body)
    holder: Any = changed
    for key in place[:-1]:
        holder = holder[key]
    holder[place[-1]] = value
    return changed


def _check(body: dict[str, Any]) -> dict[str, Any]:
    before = copy.deepcopy(body)
    answer = serialize(body)
    assert repr(body) == repr(before)
    json.dumps(answer, allow_nan=False)
    return answer


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_value_of_any_type_anywhere(place: tuple[Any, ...]) -> None:
    for value in WRONG:
        _check(replace_at(WHOLE, place, value))


@given(place=st.sampled_from(PLACES), value=VALUES)
@settings(max_examples=3 * settings().max_examples)
def test_anything_anywhere(place: tuple[Any, ...], value: Any) -> None:
    _check(replace_at(WHOLE, place, value))


@given(body=st.dictionaries(st.sampled_from([*WHOLE, "datetime", "message", "x"]), VALUES))
@settings(max_examples=3 * settings().max_examples)
def test_anything_at_all(body: dict[str, Any]) -> None:
    _check(body)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
@pytest.mark.parametrize("kind", [dict, list])
def test_nesting_of_any_depth(place: tuple[Any, ...], kind: type) -> None:
    deep: Any = 1
    for _ in range(400):
        deep = {"k": deep} if kind is dict else [deep]
    answer = serialize(replace_at(WHOLE, place, deep))
    json.dumps(answer)


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda interface: interface.key)
def test_one_wrong_interface_leaves_the_others(interface: Any) -> None:
    entries = [entry["type"] for entry in _check({**WHOLE, interface.key: False})["entries"]]
    assert entries == [other.type for other in INTERFACES if other is not interface]


def test_every_interface_has_its_entry() -> None:
    assert [entry["type"] for entry in _check(WHOLE)["entries"]] == [
        interface.type for interface in INTERFACES
    ]
