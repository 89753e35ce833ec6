"""Readers of containers: arrays, objects of one kind of value, structs, pair lists."""

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from archive.events.normalize.clean import clean_text
from archive.events.normalize.meta import (
    Meta,
    add_error,
    has_errors,
    keep_own,
    reject,
    take_children,
)
from archive.events.normalize.scalars import LONGEST_PLAIN, TEXT, Reader

KEY_SETS_KEPT = 256
"""Of each kind of object: the frames of an event, say, have but a few sets of keys."""

EMPTY: tuple[Any, ...] = (None, "", [], {})


class Keep(Enum):
    """Which values a field leaves out (Relay attribute `skip_serialization`)."""

    ALL = "all but null"
    FILLED = "all but null and empty"
    FILLED_STRUCT = "all but null and structs with empty fields only"
    DEEP_FILLED = "all but those with nothing in any depth"


def is_empty(value: Any) -> bool:
    """Tell whether a value is null or holds nothing."""
    return not value and value in EMPTY


def has_empty_members(value: dict[str, Any]) -> bool:
    """Tell whether no member of an object holds anything."""
    return all(map(is_empty, value.values()))


def is_deep_empty(value: Any) -> bool:
    """Tell whether a value holds nothing in any depth (Relay, `Empty::is_deep_empty`)."""
    if isinstance(value, str):
        return not value
    if isinstance(value, dict):
        return all(map(is_deep_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_deep_empty, value))
    return value is None


LEAVES_OUT: dict[Keep, Callable[[Any], bool] | None] = {
    Keep.ALL: None,
    Keep.FILLED: is_empty,
    Keep.FILLED_STRUCT: has_empty_members,
    Keep.DEEP_FILLED: is_deep_empty,
}


class Field(NamedTuple):
    """One field of a struct: its name, reader and rules."""

    name: str
    read: Reader
    keep: Keep = Keep.ALL
    required: bool = False
    aliases: tuple[str, ...] = ()


Present = tuple[str, str, Reader, int, Callable[[Any], bool] | None, bool]
"""A field of an object: its key there, its name, reader, longest plain text, and rules."""


def fields(reader: Reader, *names: str, keep: Keep = Keep.ALL) -> list[Field]:
    """Make several fields that share reader and rule."""
    return [Field(name, reader, keep) for name in names]


class Struct:
    """A reader of objects with known fields, emitted in the order of the table.

    Relay's derived `FromValue` and `IntoValue`: a null stays only where it is annotated.
    """

    def __init__(self, kind: str, table: list[Field]) -> None:
        self.kind = kind
        self.table = table
        self.keys = {key for field in table for key in (field.name, *field.aliases)}
        self.find_fields = lru_cache(KEY_SETS_KEPT)(self._find_fields)

    def __call__(self, value: Any, meta: Meta) -> dict[str, Any] | None:
        """Read one object; what is in no field is dropped."""
        if not isinstance(value, dict):
            return reject(meta, self.kind, value)
        inherited = take_children(meta) if meta else {}
        result: dict[str, Any] = {}
        child: Meta = {}
        known = value if self.keys.issuperset(value) else filter(self.keys.__contains__, value)
        for key, name, read, longest, is_left_out, required in self.find_fields(tuple(known)):
            item = value.get(key)
            if (
                longest
                and type(item) is str
                and 0 < len(item) <= longest
                and not inherited
                and item.isascii()
            ):
                result[name] = item  # as most do, it stays as it is
                continue
            if item is None and not required and not inherited:
                continue
            if inherited and key in value:
                child = inherited.get(key if key in inherited else name, {})
            if item is not None:
                item = read(item, child)
                if item is not None and not child:
                    if not is_left_out or not is_left_out(item):
                        result[name] = item
                    continue
            if item is None:
                keep_own(child)
                if required and not has_errors(child):
                    add_error(child, "missing_attribute")
            if child:
                meta[name] = child
                result[name] = item
                child = {}
        return result

    def _find_fields(self, keys: tuple[str, ...]) -> list[Present]:
        """The fields that an object of these keys has, or has to have."""
        present: list[Present] = []
        for name, read, keep, required, aliases in self.table:
            key = next((key for key in (name, *aliases) if key in keys), None)
            if key or required:
                longest = LONGEST_PLAIN.get(read, 0)
                present.append((key or name, name, read, longest, LEAVES_OUT[keep], required))
        return present

    def unknown(self, value: dict[str, Any]) -> list[str]:
        """List the keys of an object that are in no field, in the order Relay writes them."""
        return [] if self.keys.issuperset(value) else sorted(value.keys() - self.keys)


def array(read: Reader) -> Reader:
    """Make a reader of lists; null items stay, so that positions do not move."""

    def read_array(value: Any, meta: Meta) -> list[Any] | None:
        if not isinstance(value, list):
            return reject(meta, "an array", value)
        if read is TEXT and not meta and _are_plain(value):
            return list(value)
        inherited = take_children(meta)
        result = []
        child: Meta = {}
        for index, item in enumerate(value):
            if inherited:
                child = inherited.get(str(index), {})
            item = None if item is None else read(item, child)
            result.append(item)
            if child:
                if item is None:
                    keep_own(child)
                meta[str(index)] = child
                child = {}
        return result

    return read_array


def mapping(read: Reader) -> Reader:
    """Make a reader of objects whose values are all of one kind, sorted by key."""

    def read_mapping(value: Any, meta: Meta) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            return reject(meta, "an object", value)
        inherited = take_children(meta)
        result = {}
        for key in sorted(value):
            child = inherited.get(key, {}) if inherited else {}
            name = clean_text(key)
            result[name] = None if value[key] is None else read(value[key], child)
            if child:
                meta[name] = child
        return result

    return read_mapping


def only_object(read: Reader) -> Reader:
    """Make a reader that rejects everything but objects before reading them."""

    def read_object(value: Any, meta: Meta) -> Any:
        return read(value, meta) if isinstance(value, dict) else reject(meta, "an object", value)

    return read_object


def values(read: Reader) -> Reader:
    """Make a reader of `{"values": [...]}`, also given as a list or as a single item.

    Relay, types.rs `Values`.
    """
    struct = Struct(
        "a list or values object", [Field("values", array(read), Keep.FILLED, required=True)]
    )

    def read_values(value: Any, meta: Meta) -> dict[str, Any] | None:
        if isinstance(value, list):
            value = {"values": value}
            _push_down(meta, "values")
        elif value == {}:
            return None
        elif isinstance(value, dict) and "values" not in value:
            value = {"values": [value]}
            _push_down(meta, "0")
            _push_down(meta, "values")
        return struct(value, meta)

    return read_values


def pairs(read_key: Reader, read_value: Reader) -> Reader:
    """Make a reader of pair lists, also given as an object (Relay, types.rs `PairList`)."""

    def read_pair(value: Any, meta: Meta) -> list[Any] | None:
        if not isinstance(value, list) or len(value) != 2:
            return reject(meta, "a tuple", value)
        inherited = take_children(meta)
        result = []
        for index, (item, read) in enumerate(zip(value, (read_key, read_value), strict=True)):
            child = inherited.get(str(index), {})
            result.append(None if item is None else read(item, child))
            if child:
                meta[str(index)] = child
        return result

    read_list = array(read_pair)

    def read_pairs(value: Any, meta: Meta) -> list[Any] | None:
        if isinstance(value, dict):
            keys = sorted(value)
            inherited = take_children(meta)
            for index, key in enumerate(keys):
                if key in inherited:
                    meta[str(index)] = {"1": inherited[key]}
            value = [[key, value[key]] for key in keys]
        result: list[Any] | None = read_list(value, meta)
        return result

    return read_pairs


def drop_empty_items(result: dict[str, Any], meta: Meta) -> bool:
    """Drop items of `{"values": [...]}` that hold nothing; tell whether anything is left."""
    notes = meta.get("values", {})
    kept = [
        item
        for index, item in enumerate(result.get("values") or ())
        if not is_deep_empty(item) or str(index) in notes
    ]
    if kept:
        result["values"] = kept
    elif not notes:
        result.pop("values", None)
    return bool(kept or notes)


def _are_plain(items: list[Any]) -> bool:
    """Tell whether all items are texts of ASCII, which no reader without a limit changes."""
    return set(map(type, items)) <= {str} and all(map(str.isascii, items))


def _push_down(meta: Meta, key: str) -> None:
    node = dict(meta)
    meta.clear()
    if node:
        meta[key] = node
