"""How one kind of value is read back: wrong types become null, keys take the schema's order.

A rule takes a value and its `_meta` node and returns both as Relay would write them. The rules
that hold no other rules are in `scalars`; the ones here are built from rules.
Source: relay-protocol of Relay 24.9, `impls.rs` and the code its derive macros generate.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

Meta: TypeAlias = dict[str, Any] | None
Rule: TypeAlias = Callable[[Any, Meta], tuple[Any, Meta]]
Field: TypeAlias = tuple[str, Rule, int]

KEEP, EMPTY, HOLLOW = range(3)
"""When a member is left out: if null; if also empty; if nothing in it says anything."""

MEMBERS_KEPT = 256
"""Of each kind of object, so many sets of members: the frames of an event have but a few."""

MAX_DEPTH = 128
"""Relay's JSON parser refuses deeper values, so none can have been stored."""

_NOTES = (("rem", list), ("err", list), ("len", int))


def anything(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """Any JSON value, its objects' keys sorted."""
    return sort_keys(value), annotations(value, meta) if meta else None


def bag(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """An object of any members, sorted by key."""
    if type(value) is not dict:
        return _absent(value, meta, "an object")
    return anything(value, meta)


def text(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """A string."""
    if type(value) is str:
        return value, own_note(meta)
    return _absent(value, meta, "a string")


def sort_keys(value: Any, depth: int = MAX_DEPTH) -> Any:
    """Copy a value with the keys of its objects sorted and its numbers as Relay writes them.

    Source: sentry-relay 0.9.1 keeps objects in B-trees and unsigned integers as signed ones.
    """
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return value
    if kind is int:
        return wrap_integer(value)
    if kind is float:
        return value if value - value == 0 else None
    if not depth:
        return None
    if kind is dict:
        return {
            key: member if type(member := value[key]) is str else sort_keys(member, depth - 1)
            for key in sorted(value)
        }
    if kind is list:
        return [item if type(item) is str else sort_keys(item, depth - 1) for item in value]
    return None


def wrap_integer(number: int) -> int | float | None:
    """The number as a signed 64-bit integer, into which a too large one is wrapped, or a float."""
    if -(1 << 63) <= number < 1 << 63:
        return number
    if 0 < number < 1 << 64:
        return number - (1 << 64)
    try:
        return float(number)
    except OverflowError:
        return None


def annotations(value: Any, meta: Meta, depth: int = MAX_DEPTH) -> Meta:
    """The part of a `_meta` node that belongs to something the value still has."""
    if type(meta) is not dict or not depth:
        return None
    kept = own_note(meta) or {}
    if type(value) is dict:
        members = ((key, value.get(key)) for key in sorted(meta) if key and key in value)
    elif type(value) is list:
        members = ((key, value[int(key)]) for key in sorted(meta) if is_index(key, value))
    else:
        return kept or None
    for key, member in members:
        if note := annotations(member, meta[key], depth - 1):
            kept[key] = note
    return kept or None


def are_lasting(value: Any, meta: Meta, depth: int = 0) -> bool:
    """Whether all annotations of an interface's values stay, and none is of the interface itself.

    Nor may one be of a list that the interface is.
    """
    if type(meta) is not dict or not meta or depth == MAX_DEPTH:
        return False
    if "" in meta and (depth < 2 or not own_note(meta)):
        return False
    for key in meta.keys() - {""}:
        if type(value) is dict and key in value:
            member = value[key]
        elif type(value) is list and is_index(key, value):
            member = value[int(key)]
        else:
            return False
        if not are_lasting(member, meta[key], depth + 1):
            return False
    return True


def own_note(meta: Meta) -> Meta:
    """The node's annotation of the value itself, without those of its members."""
    if not meta or type(meta) is not dict:
        return None
    note = meta.get("")
    if type(note) is not dict:
        return None
    kept = {key: sort_keys(note[key]) for key, kind in _NOTES if type(note.get(key)) is kind}
    kept = {key: entry for key, entry in kept.items() if entry != []}
    if note.get("val") is not None:
        kept["val"] = sort_keys(note["val"])
    return {"": kept} if kept else None


def is_index(key: str, items: list[Any]) -> bool:
    """Whether a `_meta` key names an item of the list."""
    return key.isascii() and key.isdecimal() and len(key) < 10 and int(key) < len(items)


def reject(value: Any, meta: Meta, reason: str | None) -> tuple[None, Meta]:
    """Null in place of an invalid value, which is then kept in `_meta`."""
    note = dict((own_note(meta) or {}).get("", {}))
    error = ["invalid_data", {"reason": reason}] if reason else "invalid_data"
    kept = {key: note[key] for key in ("rem",) if key in note}
    kept["err"] = [*note.get("err", ()), error]
    if "len" in note:
        kept["len"] = note["len"]
    kept["val"] = sort_keys(value)
    return None, {"": kept}


def struct(*members: Field, closed: bool = False, aliases: dict[str, str] | None = None) -> Rule:
    """An object with the given members first, in that order, and any others after them, sorted.

    A closed one has no others. Aliases are former names of members that are not there themselves.
    """
    known = frozenset(key for key, _, _ in members)

    @lru_cache(MEMBERS_KEPT)
    def find_members(keys: tuple[str, ...]) -> list[Field]:
        """Those of the members that an object with these keys has."""
        return [field for field in members if field[0] in keys]

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if type(value) is not dict:
            return _absent(value, meta, "an object")
        nodes = meta if meta and type(meta) is dict else {}
        if aliases and not value.keys().isdisjoint(aliases):
            value, nodes = rename(value, aliases), rename(nodes, aliases)
        body: dict[str, Any] = {}
        notes: dict[str, Any] = (own_note(meta) or {}) if meta else {}
        is_known = known.issuperset(value)
        for key, rule, skip in find_members(tuple(value)) if is_known else members:
            member = value.get(key)
            node = nodes.get(key) if nodes else None
            if rule is text and member and type(member) is str and not node:
                body[key] = member
                continue
            if member is None and (not node or key not in value):
                continue
            member, note = rule(member, node)
            if note:
                notes[key] = note
            elif member is None or (skip and is_blank(member, skip)):
                continue
            body[key] = member
        if not closed and not is_known:
            for key in sorted(value.keys() - known):
                member, note = anything(value[key], nodes.get(key))
                if note:
                    notes[key] = note
                elif member is None:
                    continue
                body[key] = member
        return body, dict(sorted(notes.items())) if notes else None

    return read


def fields(rule: Rule, keys: str) -> tuple[Field, ...]:
    """Members of one kind, left out only if null."""
    return tuple((key, rule, KEEP) for key in keys.split())


def rename(body: dict[str, Any], aliases: dict[str, str]) -> dict[str, Any]:
    """A copy of an object with the former names of members replaced, the first of them winning."""
    renamed = dict(body)
    for alias, key in aliases.items():
        if alias in renamed and key not in renamed:
            renamed[key] = renamed.pop(alias)
    return renamed


def is_blank(value: Any, skip: int) -> bool:
    """Whether a member with this skip mode is left out."""
    if not value:
        return value in ("", [], {})
    if skip == EMPTY or type(value) is not dict or any(value.values()):
        return False
    return all(member in (None, "", [], {}) for member in value.values())


def array(rule: Rule) -> Rule:
    """A list of one kind of item."""

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if type(value) is not list:
            return _absent(value, meta, "an array")
        if rule is text and not meta and set(map(type, value)) <= {str}:
            return list(value), None
        nodes = meta if type(meta) is dict else {}
        items = []
        notes: dict[str, Any] = own_note(meta) or {}
        for index, member in enumerate(value):
            item, note = rule(member, nodes.get(str(index)) if nodes else None)
            items.append(item)
            if note:
                notes[str(index)] = note
        return items, dict(sorted(notes.items())) if notes else None

    return read


def dense(rule: Rule) -> Rule:
    """A list whose items are left out when they say nothing at all; `_meta` keeps its indexes."""
    read_items = array(rule)

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        items, notes = read_items(value, meta)
        if items is None:
            return items, notes
        return [
            item
            for index, item in enumerate(items)
            if not is_hollow(item) or (notes and str(index) in notes)
        ], notes

    return read


def is_hollow(value: Any) -> bool:
    """Whether there is no text, number or truth value anywhere in a value."""
    if type(value) is str:
        return not value
    if type(value) is dict:
        return all(map(is_hollow, value.values()))
    if type(value) is list:
        return all(map(is_hollow, value))
    return value is None


def mapping(rule: Rule) -> Rule:
    """An object of one kind of member, sorted by key."""

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if type(value) is not dict:
            return _absent(value, meta, "an object")
        nodes = meta if type(meta) is dict else {}
        body = {}
        notes: dict[str, Any] = own_note(meta) or {}
        for key in sorted(value):
            body[key], note = rule(value[key], nodes.get(key))
            if note:
                notes[key] = note
        return body, notes or None

    return read


def values(rule: Rule) -> Rule:
    """`{"values": [...]}`, also given as a bare list or as its only item."""
    read_object = struct(("values", dense(rule), EMPTY))

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if value == {}:
            return None, own_note(meta)
        if type(value) is list:
            return read_object({"values": value}, {"values": meta} if meta else None)
        if type(value) is dict and "values" not in value:
            return read_object({"values": [value]}, {"values": {"0": meta}} if meta else None)
        if type(value) is not dict:
            return _absent(value, meta, "a list or values object")
        return read_object(value, meta)

    return read


def _absent(value: Any, meta: Meta, expected: str) -> tuple[None, Meta]:
    return (None, own_note(meta)) if value is None else reject(value, meta, f"expected {expected}")
