"""Free data: any JSON, which ingestion limits in depth and size; and how long strings are cut."""

from functools import cache
from typing import Any, NamedTuple

from archive.events.protocol.meta import Meta, prune, reject, take_children
from archive.events.protocol.mode import Reader, Type, by_mode, checked, expect, plain
from archive.events.protocol.values import clean_number, clean_text, sort_keys, to_json

ELLIPSIS = "..."


class BagLimit(NamedTuple):
    """How deep and how large (in bytes of JSON, roughly) a bag of free data may be."""

    depth: int
    size: int


SMALL = BagLimit(3, 1024)
MEDIUM = BagLimit(5, 2048)
LARGE = BagLimit(7, 8192)
LARGER = BagLimit(7, 16384)
MASSIVE = BagLimit(7, 262144)
FREE = BagLimit(100, 1 << 62)
"""The classes of Relay's `BagSize` (processor/attrs.rs); `FREE` is for data it does not limit."""


def trim_text(value: str, limit: int, meta: Meta) -> str:
    """Cut a string to `limit` characters, `...` included (Relay, trimming.rs `trim_string`)."""
    kept = value[: max(limit - len(ELLIPSIS), 0)]
    start = len(kept.encode())
    own = meta.setdefault("", {})
    own.setdefault("len", len(value))
    remarks = [remark for remark in own.get("rem", ()) if _ends_before(remark, start)]
    own["rem"] = [*remarks, ["!limit", "s", start, start + len(ELLIPSIS)]]
    return kept + ELLIPSIS


def bag(limit: BagLimit) -> Reader:
    """Make a reader of free data: any JSON, copied and limited in depth and size.

    Relay, trimming.rs: containers at the last allowed depth become JSON text, a container is
    cut off where the budget ends, and each value counts its own size plus one.
    """

    def read(value: Any, meta: Meta) -> Any:
        return _Bag(limit.size).trim(value, meta, limit.depth)

    return read


def bag_of_bags(outer: BagLimit, inner: BagLimit) -> Reader:
    """Make a reader of objects limited as a whole and, more narrowly, in each member."""

    def read(value: Any, meta: Meta) -> Any:
        if not isinstance(value, dict):
            return reject(meta, "an object", value)
        inherited = take_children(meta)
        left = outer.size
        copy = {}
        for key in sorted(value):
            if not left:
                meta.setdefault("", {}).setdefault("len", len(value))
                break
            budget = _Bag(min(inner.size, left))
            start, child = budget.left, inherited.get(key, {})
            copy[clean_text(key)] = budget.trim(value[key], child, outer.depth - 1)
            left = max(left - (start - budget.left), 0)
            if child:
                meta[clean_text(key)] = child
        return copy

    return read


@cache
def any_value(limit: BagLimit = FREE) -> Type:
    """Make a type of any JSON, whose depth and size ingestion limits (attribute `bag_size`)."""
    return by_mode(ingest=plain(bag(limit)), stored=plain(_read_any))


def _read_any(value: Any, meta: Meta) -> Any:
    if meta:
        prune(meta, value)
    return sort_keys(value)


def any_object(limit: BagLimit = FREE) -> Type:
    """Make a type of objects with any members."""
    return expect("an object", (dict,), any_value(limit))


def any_pairs(kind: Type, limit: BagLimit) -> Type:
    """Limit a type of lists of pairs as free data, each staying a pair."""
    limit_pairs = bag(limit)

    def check(pairs: Any, meta: Meta) -> Any:
        if pairs is None:
            return None
        limited = limit_pairs(pairs, meta)
        return [pair if pair is None or len(pair) > 1 else [*pair, None] for pair in limited]

    return checked(kind, check)


def any_bags(outer: BagLimit, inner: BagLimit) -> Type:
    """Make a type of objects limited as a whole and, more narrowly, in each member."""
    return by_mode(ingest=plain(bag_of_bags(outer, inner)), stored=any_object())


class _Bag:
    """The size budget of one bag, spent while its values are copied."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = size

    def trim(self, value: Any, meta: Meta, depth: int) -> Any:
        """Copy a value that may still be `depth` levels deep."""
        if isinstance(value, str):
            return self._trim_text(value, meta)
        if isinstance(value, (dict, list)):
            if depth <= 1:
                return self._trim_text(to_json(value), meta)
            copy = self._trim_container(value, meta, depth)
            self.left = max(self.left - 3, 0)
            return copy
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = clean_number(value)
        self.left = max(self.left - (len(str(value)) if value is not None else 0) - 1, 0)
        return value

    def _trim_text(self, value: str, meta: Meta) -> str:
        size = len(value)
        if not value.isascii():
            value = clean_text(value)
            size = len(value.encode())
        if len(value) > self.left:
            value = trim_text(value, self.left, meta)
        self.left = max(self.left - size - 3, 0)
        return value

    def _trim_container(self, value: Any, meta: Meta, depth: int) -> Any:
        inherited = take_children(meta)
        keys: Any = sorted(value) if isinstance(value, dict) else range(len(value))
        copies = {}
        child: Meta = {}
        for key in keys:
            if not self.left:
                meta.setdefault("", {}).setdefault("len", len(value))
                break
            item = value[key]
            if inherited:
                child = inherited.get(str(key), {})
            if type(item) is str and item.isascii() and (size := len(item) + 3) <= self.left:
                self.left -= size
                copies[key] = item
            else:
                copies[key] = self.trim(item, child, depth - 1)
            if child:
                meta[clean_text(str(key))] = child
                child = {}
        if isinstance(value, list):
            return list(copies.values())
        if all(map(str.isascii, copies)):
            return copies
        return {clean_text(key): copy for key, copy in copies.items()}


def _ends_before(remark: object, position: int) -> bool:
    if not isinstance(remark, list) or len(remark) < 4:
        return True
    return isinstance(remark[3], int) and remark[3] <= position
