"""Types of containers: lists, objects of one kind of value, lists of pairs.

Source: relay-protocol of Relay 24.9, `impls.rs`, and relay-event-schema, `protocol/types.rs`.
"""

from typing import Any

from archive.events.protocol.meta import Meta, attach, push_down, reject, take_children
from archive.events.protocol.mode import Mode, Reader, Type, coerced
from archive.events.protocol.scalars import UNLIMITED
from archive.events.protocol.struct import EMPTY_DEEP, Field, Struct
from archive.events.protocol.values import clean_text


def array(kind: Type) -> Type:
    """Make a type of lists; null items stay, so that positions do not move."""

    def compile_array(mode: Mode) -> Reader:
        read_item = mode.compile(kind)
        is_plain = mode.longest_plain.get(read_item) == UNLIMITED

        def read(value: Any, meta: Meta) -> list[Any] | None:
            if type(value) is not list:
                return reject(meta, "an array", value)
            if is_plain and not meta and _are_plain(value):
                return list(value)
            notes = take_children(meta) if meta else {}
            result = []
            child: Meta = {}
            for index, item in enumerate(value):
                if notes:
                    child = notes.get(str(index), {})
                if item is not None:
                    item = read_item(item, child)
                result.append(item)
                if child:
                    attach(meta, str(index), item, child)
                    child = {}
            return result

        return read

    return compile_array


def mapping(kind: Type) -> Type:
    """Make a type of objects whose values are all of one type, sorted by key."""

    def compile_mapping(mode: Mode) -> Reader:
        read_value = mode.compile(kind)
        is_stored = mode.is_renormalize

        def read(value: Any, meta: Meta) -> dict[str, Any] | None:
            if type(value) is not dict:
                return reject(meta, "an object", value)
            notes = take_children(meta) if meta else {}
            result = {}
            child: Meta = {}
            for key in sorted(value):
                item = value[key]
                if notes:
                    child = notes.get(key, {})
                if item is not None:
                    item = read_value(item, child)
                name = key if is_stored else clean_text(key)
                result[name] = item
                if child:
                    attach(meta, name, item, child)
                    child = {}
            return result

        return read

    return compile_mapping


def values(kind: Type) -> Struct:
    """Make a type of `{"values": [...]}`, also given as a list or as its only item.

    Relay, types.rs `Values`.
    """
    field = Field("values", array(kind), EMPTY_DEEP, required=True)
    return Struct("a list or values object", field, coerce=_coerce_values)


def _coerce_values(value: Any, meta: Meta) -> Any:
    if type(value) is list:
        push_down(meta, "values")
        return {"values": value}
    if type(value) is not dict or "values" in value:
        return value
    if not value:
        return None
    push_down(meta, "0")
    push_down(meta, "values")
    return {"values": [value]}


def pairs(key_type: Type, value_type: Type) -> Type:
    """Make a type of lists of pairs, also given as an object (Relay, types.rs `PairList`)."""

    def compile_pair(mode: Mode) -> Reader:
        read_key, read_value = mode.compile(key_type), mode.compile(value_type)

        def read(value: Any, meta: Meta) -> list[Any] | None:
            if type(value) is not list or len(value) != 2:
                return reject(meta, "a tuple", value)
            notes = take_children(meta) if meta else {}
            first, second = value
            child: Meta = notes.get("0") or {}
            if first is not None:
                first = read_key(first, child)
            if child:
                attach(meta, "0", first, child)
                child = {}
            child = notes.get("1") or child
            if second is not None:
                second = read_value(second, child)
            if child:
                attach(meta, "1", second, child)
            return [first, second]

        return read

    return coerced(array(compile_pair), _list_pairs)


def _list_pairs(value: Any, meta: Meta) -> Any:
    if type(value) is not dict:
        return value
    keys = sorted(value)
    notes = take_children(meta)
    for index, key in enumerate(keys):
        if key in notes:
            meta[str(index)] = {"1": notes[key]}
    return [[key, value[key]] for key in keys]


def _are_plain(items: list[Any]) -> bool:
    """Return whether all items are texts of ASCII, which no reader without a limit changes."""
    return set(map(type, items)) <= {str} and all(map(str.isascii, items))
