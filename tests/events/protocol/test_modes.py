"""What the two modes of reading make of one table."""

from typing import Any

import pytest

from archive.events.protocol.bag import any_object
from archive.events.protocol.containers import array
from archive.events.protocol.meta import Meta
from archive.events.protocol.mode import Mode
from archive.events.protocol.scalars import TEXT, lenient, nonempty, text, unsigned, without
from archive.events.protocol.struct import EMPTY, EMPTY_DEEP, Field, Struct

INNER = Struct("inner", Field("a", TEXT), closed=True)
THING = Struct(
    "thing",
    Field("name", nonempty(without("!", text(5))), required=True, aliases=("old", "older")),
    Field("size", unsigned),
    Field("label", lenient(TEXT), EMPTY),
    Field("inner", INNER, EMPTY),
    Field("bag", any_object(), EMPTY),
    Field("items", array(TEXT), EMPTY_DEEP),
)
KEPT = Struct("kept", Field("b", TEXT), retain=True)
MODES = {
    "ingest": Mode(is_renormalize=False),
    "stored": Mode(is_renormalize=True),
}

READ = {
    "order": (THING, {"size": 1, "name": "n"}, {"name": "n", "size": 1}, ...),
    "alias": (THING, {"old": "n"}, {"name": "n"}, ...),
    "unused alias": (THING, {"older": "m", "old": "n"}, {"name": "n"}, {"name": "n", "older": "m"}),
    "missing": (THING, {}, {"name": None}, {}),
    "empty": (THING, {"name": ""}, {"name": None}, {"name": ""}),
    "denied": (THING, {"name": "a!"}, {"name": None}, {"name": "a!"}),
    "long": (THING, {"name": "x" * 9}, {"name": "xx..."}, {"name": "x" * 9}),
    "null": (THING, {"name": "n", "size": None}, {"name": "n"}, ...),
    "skipped": (THING, {"name": "n", "label": "", "bag": {}, "items": []}, {"name": "n"}, ...),
    "lenient": (THING, {"name": "n", "label": True}, {"name": "n", "label": "True"}, ...),
    "empty struct": (THING, {"name": "n", "inner": {"a": "", "z": 1}}, {"name": "n"}, ...),
    "bag": (THING, {"name": "n", "bag": {"b": None}}, {"name": "n", "bag": {"b": None}}, ...),
    "empty items": (
        THING,
        {"name": "n", "items": ["", "i", None]},
        {"name": "n", "items": ["", "i", None]},  # left out once they are processed
        {"name": "n", "items": ["i"]},
    ),
    "other": (THING, {"z": 1, "name": "n", "y": None}, {"name": "n"}, {"name": "n", "z": 1}),
    "retained": (KEPT, {"z": 1, "y": None}, {"y": None, "z": 1}, {"z": 1}),
    "surrogate": (KEPT, {"b": "\ud83d"}, {"b": "?"}, {"b": "\ud83d"}),
}
"""A type, a value, and what ingestion and a later read make of it: `...` if the same."""


@pytest.mark.parametrize(("struct", "value", "sent", "stored"), READ.values(), ids=READ)
def test_read(struct: Struct, value: Any, sent: Any, stored: Any) -> None:
    read = {name: list(mode.compile(struct)(value, {}).items()) for name, mode in MODES.items()}
    stored = sent if stored is ... else stored
    assert read == {"ingest": list(sent.items()), "stored": list(stored.items())}


@pytest.mark.parametrize("mode", MODES)
def test_wrong_value_is_noted(mode: str) -> None:
    meta: Meta = {}
    assert MODES[mode].compile(THING)({"name": 5, "size": -1}, meta) == {"name": None, "size": None}
    reasons = {key: node[""]["err"][0][1]["reason"] for key, node in meta.items()}
    assert reasons == {"name": "expected a string", "size": "expected an unsigned integer"}
    assert (meta["name"][""]["val"], meta["size"][""]["val"]) == (5, -1)


@pytest.mark.parametrize("mode", MODES)
def test_annotations_follow_their_values(mode: str) -> None:
    note = {"": {"len": 9}}
    meta: Meta = {"old": note, "bag": {"a": note, "gone": note}, "size": {"member": note}}
    read = MODES[mode].compile(THING)({"old": "n", "bag": {"a": None}, "size": 1}, meta)
    assert read == {"name": "n", "size": 1, "bag": {"a": None}}
    assert meta == {"name": note, "bag": {"a": note}}


def test_processor_follows_the_reader() -> None:
    mode = Mode(is_renormalize=False, processors={INNER: lambda value, meta: {**value, "b": 1}})
    assert mode.compile(INNER)({"a": "x"}, {}) == {"a": "x", "b": 1}
    assert mode.compile(INNER)(5, {}) is None
