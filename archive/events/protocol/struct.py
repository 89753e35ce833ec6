"""The type of objects with known fields, one line per field.

Source: the code that the derive macros of relay-protocol generate (Relay 24.9).
"""

from collections.abc import Callable
from enum import Enum
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

from archive.events.protocol.bag import any_value
from archive.events.protocol.meta import (
    Meta,
    add_error,
    attach,
    has_errors,
    reject,
    take_children,
)
from archive.events.protocol.mode import Mode, Reader, Type
from archive.events.protocol.values import clean_text

KEY_SETS_KEPT = 256
"""Per struct and mode: the frames of an event, say, have only a few sets of keys."""


class SkipSerialization(Enum):
    """Which values a struct does not write (Relay attribute `skip_serialization`)."""

    NULL = "null"
    EMPTY = "empty"
    EMPTY_DEEP = "empty_deep"


NULL, EMPTY, EMPTY_DEEP = SkipSerialization


class Field(NamedTuple):
    """A field of a struct, as Relay's `metastructure` attribute describes it.

    required: whether an error is noted where it is missing.
    aliases: former names, of which the first that is present counts (`legacy_alias`).
    """

    name: str
    type: Type
    skip: SkipSerialization = NULL
    required: bool = False
    aliases: tuple[str, ...] = ()


Present: TypeAlias = tuple[str, str, Reader, int, Callable[[Any], bool] | None, bool]
"""A field of an object in one mode: its key there, its name, reader, and rules."""


def fields(kind: Type, names: str, skip: SkipSerialization = NULL) -> list[Field]:
    """Make several fields that share type and skip rule."""
    return [Field(name, kind, skip) for name in names.split()]


class Struct:
    """The type of objects with known fields, which are written in the order of the table.

    name: what an error calls it.
    closed: whether there are no other members (no `additional_properties` in Relay). Otherwise
    those of a stored object follow the fields, sorted.
    retain: whether ingestion keeps other members, too.
    coerce: turns other forms into an object; None means that there is nothing.
    """

    def __init__(
        self,
        name: str,
        *table: Field,
        closed: bool = False,
        retain: bool = False,
        coerce: Callable[[Any, Meta], Any] | None = None,
    ) -> None:
        self.name = name
        self.table = table
        self.closed, self.retain, self.coerce = closed, retain, coerce
        self.keys = frozenset(key for field in table for key in (field.name, *field.aliases))

    def list_unknown(self, value: dict[str, Any]) -> list[str]:
        """List the keys of an object that are not fields, in the order that Relay uses."""
        return [] if self.keys.issuperset(value) else sorted(value.keys() - self.keys)

    def __call__(self, mode: Mode) -> Reader:
        """Compile the struct."""
        keys, expectation, coerce = self.keys, self.name, self.coerce
        is_stored = mode.is_renormalize
        keeps_others = self.retain or (is_stored and not self.closed)
        read_other = mode.compile(any_value())
        find_fields = lru_cache(KEY_SETS_KEPT)(self._compile_fields(mode))

        def read(value: Any, meta: Meta) -> dict[str, Any] | None:
            if coerce is not None and (value := coerce(value, meta)) is None:
                return None
            if type(value) is not dict:
                return reject(meta, expectation, value)
            notes = take_children(meta) if meta else {}
            result: dict[str, Any] = {}
            child: Meta = {}
            is_known = keys.issuperset(value)
            present, unused = find_fields(
                tuple(value) if is_known else tuple(filter(keys.__contains__, value))
            )
            for key, name, read_field, longest, is_skipped, required in present:
                item = value.get(key)
                if notes and key in value:
                    child = notes.get(key if key in notes else name) or child
                if not child:
                    if (
                        longest
                        and type(item) is str
                        and item
                        and (is_stored or (len(item) <= longest and item.isascii()))
                    ):
                        result[name] = item  # as most do, it stays as it is
                        continue
                    if item is None and not required:
                        continue
                if item is not None:
                    item = read_field(item, child)
                if required and item is None and not has_errors(child):
                    add_error(child, "missing_attribute")
                if child:
                    attach(meta, name, item, child)
                    if child:
                        result[name], child = item, {}
                        continue
                if item is not None and (is_skipped is None or not is_skipped(item)):
                    result[name] = item
            if keeps_others and (unused or not is_known):
                for key in sorted((value.keys() - keys) | unused):
                    item, child = value[key], notes.get(key) or {}
                    if is_stored and not child:
                        if type(item) is not str and item is not None:
                            item = read_other(item, child)
                        if item is not None:
                            result[key] = item
                        continue
                    item = None if item is None else read_other(item, child)
                    name = key if is_stored else clean_text(key)
                    attach(meta, name, item, child)
                    if item is not None or child or not is_stored:
                        result[name] = item
            return result

        return read

    def _compile_fields(
        self, mode: Mode
    ) -> Callable[[tuple[str, ...]], tuple[list[Present], frozenset[str]]]:
        compile_field = cache(partial(_compile_field, mode))
        ranks = {
            key: (position, rank, key)
            for position, field in enumerate(self.table)
            for rank, key in enumerate((field.name, *field.aliases))
        }
        required = [ranks[field.name] for field in self.table if _is_required(field, mode)]

        def find_fields(keys: tuple[str, ...]) -> tuple[list[Present], frozenset[str]]:
            """List the fields that an object of these keys has or needs, and the unused aliases."""
            found = [ranks[key] for key in keys]
            if required:
                positions = {position for position, _, _ in found}
                found += [rank for rank in required if rank[0] not in positions]
            present: dict[int, Present] = {}
            unused = set()
            for position, _, key in sorted(found):
                if position in present:
                    unused.add(key)
                else:
                    present[position] = (key, *compile_field(self.table[position]))
            return list(present.values()), frozenset(unused)

        return find_fields


def _is_required(field: Field, mode: Mode) -> bool:
    return field.required and not mode.is_renormalize


def _compile_field(
    mode: Mode, field: Field
) -> tuple[str, Reader, int, Callable[[Any], bool] | None, bool]:
    read = mode.compile(field.type)
    longest = mode.longest_plain.get(read, 0)
    if mode.is_renormalize and field.skip is EMPTY_DEEP:
        read = _drop_empty_items(read)
    return field.name, read, longest, _choose_skip(field), _is_required(field, mode)


def _choose_skip(field: Field) -> Callable[[Any], bool] | None:
    if field.skip is NULL:
        return None
    return _are_all_empty if isinstance(field.type, Struct) else _is_empty


def _is_empty(value: Any) -> bool:
    """Return whether a value is null or has no items (Relay, `Empty::is_empty`)."""
    return not value and value in (None, "", [], {})


def _is_deep_empty(value: Any) -> bool:
    """Return whether a value has nothing at any depth (Relay, `Empty::is_deep_empty`)."""
    if type(value) is str:
        return not value
    if type(value) is dict:
        return all(map(_is_deep_empty, value.values()))
    if type(value) is list:
        return all(map(_is_deep_empty, value))
    return value is None


def list_filled(items: list[Any], notes: Meta) -> list[Any]:
    """List the items that have something or an annotation."""
    return [
        item
        for index, item in enumerate(items)
        if not _is_deep_empty(item) or (notes and str(index) in notes)
    ]


def _are_all_empty(value: dict[str, Any]) -> bool:
    """Return whether a struct is empty, which it is if all its members are."""
    return all(map(_is_empty, value.values()))


def _drop_empty_items(read: Reader) -> Reader:
    """Make a reader that leaves out what an `empty_deep` field does not write.

    Ingestion leaves it out later, after it has processed the items.
    """

    def read_filled(value: Any, meta: Meta) -> Any:
        result = read(value, meta)
        if type(result) is list:
            return list_filled(result, meta)
        if type(result) is dict and not all(result.values()):
            return {
                key: item for key, item in result.items() if not _is_deep_empty(item) or key in meta
            }
        return result

    return read_filled
