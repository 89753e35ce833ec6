"""Finding one's way in JSON text: nothing but white space is dropped, every value is found."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.jsontext import (
    Member,
    compact,
    dump,
    find_end,
    list_elements,
    list_members,
    nests_deeper,
    parse,
)

TEXTS = st.text(
    st.sampled_from('{}[]",:\\/\n\r\t\0 abé\u2028\U0001f600')
    | st.characters(exclude_categories=["Cs"]),
    max_size=8,
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
MEMBERS = st.lists(st.tuples(TEXTS | st.just("twice"), VALUES), max_size=4)
SPACES = st.text(" \t\r\n", max_size=3)


@st.composite
def json_texts(draw: st.DrawFn, values: st.SearchStrategy[Any] = VALUES) -> bytes:
    """A value as strict JSON, with white space wherever it may stand."""
    text = json.dumps(
        draw(values),
        ensure_ascii=draw(st.booleans()),
        indent=draw(st.none() | st.sampled_from(["", "  ", "\t"])),
        separators=(draw(SPACES) + "," + draw(SPACES), draw(SPACES) + ":" + draw(SPACES)),
    )
    return (draw(SPACES) + text + draw(SPACES)).encode()


@st.composite
def objects(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, Any]]]:
    """An object as JSON text, and its members; keys may come twice."""
    members = draw(MEMBERS)
    space = draw(SPACES)
    text = ",".join(
        f"{space}{json.dumps(key)}{space}:{space}{json.dumps(value, indent=draw(st.booleans()))}"
        for key, value in members
    )
    return f"{space}{{{text}{space}}}{space}".encode(), members


# -- dump, parse ---------------------------------------------------------------------------------


@given(VALUES)
def test_dump_writes_what_python_writes_and_parse_reads_it(value: Any) -> None:
    text = dump(value)
    assert text == json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    assert repr(parse(text)) == repr(json.loads(text))


@pytest.mark.parametrize("value", [1e22, 1e-7, 1e-5, -1.5e-9, 1e16, 0.0001, 2**64, -(2**70)])
def test_dump_spells_numbers_as_python_does(value: float) -> None:
    assert dump(value) == repr(value).encode()
    assert dump([value]) == f"[{value!r}]".encode()


def test_lone_surrogates_are_replaced_or_stay_escaped() -> None:
    assert dump("a\ud800") == b'"a?"'
    assert dump("a\ud800", "backslashreplace") == b'"a\\ud800"'


# -- compact -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b" \r\n\t", b"", id="white space"),
        pytest.param(b' { "a" :\t[ 1 ,\r\n{ } ] } ', b'{"a":[1,{}]}', id="between tokens"),
        pytest.param(b'{"a b": " x\\n "}', b'{"a b":" x\\n "}', id="in strings"),
        pytest.param(b'["\\" ", "\\\\" , " "]', b'["\\" ","\\\\"," "]', id="after escapes"),
        pytest.param(b'{"b": 1, "a": 2, "b": 3}', b'{"b":1,"a":2,"b":3}', id="order and repeats"),
        pytest.param(b"[1.0, 1E+2, -0, 1e400]", b"[1.0,1E+2,-0,1e400]", id="spelling of numbers"),
        pytest.param(b'[NaN, "\\ud83d", "\xff "]', b'[NaN,"\\ud83d","\xff "]', id="not strict"),
        pytest.param(
            '["\\u00e9 \u2028 é"]'.encode(), '["\\u00e9 \u2028 é"]'.encode(), id="characters"
        ),
    ],
)
def test_compact(text: bytes, expected: bytes) -> None:
    assert compact(text) == expected


@settings(deadline=None)
@given(text=json_texts())
def test_compact_is_what_a_formatter_makes_of_strict_json(text: bytes) -> None:
    assert compact(text) == msgspec.json.format(text, indent=-1)


@settings(deadline=None)
@given(text=json_texts())
def test_compact_changes_no_value_and_is_final(text: bytes) -> None:
    assert json.loads(compact(text)) == json.loads(text)
    assert compact(compact(text)) == compact(text)


# -- find_end ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "end"),
    [
        pytest.param(b"", None, id="nothing"),
        pytest.param(b"null,1", 4, id="null"),
        pytest.param(b"-1.5e+3]", 7, id="number"),
        pytest.param(b"NaN}", 3, id="NaN"),
        pytest.param(b'"a\\"]\\\\",1', 8, id="string"),
        pytest.param(b'"a', None, id="unclosed string"),
        pytest.param(b'"a\\"', None, id="string that ends in an escaped quote"),
        pytest.param(b'"a\nb"', None, id="string over two lines"),
        pytest.param(b"{}{}", 2, id="object"),
        pytest.param(b'{"}":[{"]":"\\""}]} {}', 18, id="nested"),
        pytest.param(b'{"a":[1}}', 9, id="brackets are counted only"),
        pytest.param(b'{"a":[1}', None, id="one bracket too few"),
        pytest.param(b'{"a":"x}', None, id="unclosed string in an object"),
        pytest.param(b"[" * 100_000 + b"]" * 100_000 + b"]", 200_000, id="deep"),
        pytest.param(b"[" * 100_000 + b"]" * 99_999, None, id="deep and unclosed"),
    ],
)
def test_find_end(text: bytes, end: int | None) -> None:
    assert find_end(text, 0) == end
    assert find_end(b'[{"' + text, 3) == (None if end is None else end + 3)


@settings(deadline=None)
@given(text=json_texts(), after=st.sampled_from([b"", b",", b"]", b"}", b" x", b"\n{"]))
def test_find_end_of_any_value(text: bytes, after: bytes) -> None:
    value = text.strip()
    assert find_end(value + after, 0) == len(value)


@settings(deadline=None)
@given(text=json_texts(), data=st.data())
def test_find_end_does_not_look_beyond_the_stop(text: bytes, data: st.DataObject) -> None:
    value = text.strip()
    stop = data.draw(st.integers(0, len(value)))
    assert find_end(value, 0, stop) == find_end(value[:stop], 0)


# -- list_members, list_elements -----------------------------------------------------------------


@settings(deadline=None)
@given(drawn=objects())
def test_members_agree_with_a_parser(drawn: tuple[bytes, list[tuple[str, Any]]]) -> None:
    text, members = drawn
    found = list(list_members(text))
    pairs = [(member.key, json.loads(text[member.value_start : member.end])) for member in found]
    assert pairs == members
    for member in found:
        assert json.loads(b"{" + text[member.start : member.end] + b"}").keys() == {member.key}


@settings(deadline=None)
@given(text=json_texts(st.lists(VALUES, max_size=4)))
def test_elements_agree_with_a_parser(text: bytes) -> None:
    assert [json.loads(text[a:b]) for a, b in list_elements(text)] == json.loads(text)


@pytest.mark.parametrize(
    ("text", "members"),
    [
        pytest.param(b"{}", [], id="none"),
        pytest.param(b'{"a":NaN}', [Member("a", 1, 5, 8)], id="NaN"),
        pytest.param(
            b' {"a" : {"b":1} ,"a":"x" }',
            [Member("a", 2, 8, 15), Member("a", 17, 21, 24)],
            id="two",
        ),
        pytest.param(b'{"\\ud83d\\n":0}', [Member("\ud83d\n", 1, 12, 13)], id="escapes in a key"),
        pytest.param(b'{"a":1,}', [Member("a", 1, 5, 6)], id="comma at the end"),
        pytest.param(b'{"a":1} x', [Member("a", 1, 5, 6)], id="what follows is not read"),
    ],
)
def test_list_members(text: bytes, members: list[Member]) -> None:
    assert list(list_members(text)) == members


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b'{"a"',
        b'{"a"}',
        b'{"a" 1}',
        b'{"a":',
        b'{"a":}',
        b'{"a":1',
        b'{"a":1]',
        b'{"a":"x}',
        b'{"a":1 "b":2}',
        b"{a:1}",
        b'{,"a":1}',
        b'{"\xff":1}',
    ],
)
def test_what_is_no_object(text: bytes) -> None:
    with pytest.raises(ValueError):
        list(list_members(text))


@pytest.mark.parametrize(
    "text", [b"", b"{}", b"1", b"[", b"[1", b"[1}", b"[1 2]", b"[,1]", b'["x]']
)
def test_what_is_no_array(text: bytes) -> None:
    with pytest.raises(ValueError):
        list(list_elements(text))


DEPTHS = {
    "flat": (b"[1]" * 9, 1),
    "nested": (b'{"a":[{"b":[]}]}', 4),
    "brackets in strings": (b'["[[[[[[[[","{{{{\\"{{{{"]', 1),
    "closed in strings": (b'["]]]]]]",[[]]]', 3),
    "unbalanced": (b"]]]]" + b"[" * 5, 1),
    "none": (b"", 0),
}


@pytest.mark.parametrize(("text", "depth"), DEPTHS.values(), ids=DEPTHS)
def test_depth(text: bytes, depth: int) -> None:
    assert [bound for bound in range(9) if nests_deeper(text, bound)] == list(range(depth))
