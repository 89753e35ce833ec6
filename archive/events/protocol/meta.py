"""Annotations: the `_meta` tree that mirrors an event and says what was changed in it."""

from collections.abc import Callable
from typing import Any, TypeVar

from archive.events.protocol.values import MAX_DEPTH, clean_text, copy_cleanly, to_json

Meta = dict[str, Any]
Lost = TypeVar("Lost")
"""The type of a value that is not there: a rejected value reads as None of any type."""

OWN_MEMBERS = {"rem": list, "err": list, "len": int, "val": object}
LONGEST_ORIGINAL = 500
"""Longer values are not kept as originals (Relay, meta.rs `set_original_value`)."""


def reject(meta: Meta, expectation: str, value: object) -> Lost | None:
    """Note that a value has the wrong type; None takes its place (Relay, `Error::expected`)."""
    return add_error(meta, "invalid_data", value, reason=f"expected {expectation}")


def add_error(meta: Meta, kind: str, value: object = None, **data: str) -> Lost | None:
    """Note an error on this node; None takes the place of the value (Relay, `Meta::add_error`)."""
    errors = meta.setdefault("", {}).setdefault("err", [])
    errors.append([kind, data] if data else kind)
    return withdraw(meta, value)


def withdraw(meta: Meta, value: object) -> Lost | None:
    """Remove a value but keep it, unless large, as the original (Relay, `DeleteValueSoft`)."""
    if value is not None and len(to_json(value)) < LONGEST_ORIGINAL:
        meta.setdefault("", {})["val"] = copy_cleanly(value)
    return None


def has_errors(meta: Meta) -> bool:
    """Return whether this node itself carries an error."""
    return "" in meta and bool(meta[""].get("err"))


def take_children(meta: Meta) -> Meta:
    """Remove the children of a node and return them; the caller puts back those it keeps."""
    if not meta:
        return {}
    children = dict(meta)
    own = children.pop("", None)
    meta.clear()
    if own is not None:
        meta[""] = own
    return children


def push_down(meta: Meta, key: str) -> None:
    """Move the annotations of a value to the member that the value becomes."""
    node = dict(meta)
    meta.clear()
    if node:
        meta[key] = node


def attach(meta: Meta, key: str, item: Any, child: Meta) -> None:
    """Annotate a member; only objects and lists have annotations of members of their own."""
    if type(item) is not dict and type(item) is not list:
        take_children(child)
    if child:
        meta[key] = child


def prune(meta: Meta, value: Any) -> None:
    """Forget the annotations of members that a value does not have."""
    for key, node in take_children(meta).items():
        for member in find_member(value, key):
            prune(node, member)
            if node:
                meta[key] = node


def find_member(value: Any, key: str) -> list[Any]:
    """List the member that a `_meta` key names, if the value has it."""
    if type(value) is dict:
        return [value[key]] if key in value else []
    if type(value) is list and key.isascii() and key.isdecimal() and len(key) < 10:
        return value[int(key) : int(key) + 1]
    return []


def copy_meta(tree: object, copy: Callable[[Any], Any], depth: int = MAX_DEPTH) -> Meta:
    """Copy an annotation tree in Relay's order, without anything that is not a node.

    copy: copies what a node says, such as the original value.
    """
    if type(tree) is not dict or not depth:
        return {}
    nodes: Meta = {}
    for key in sorted(tree):
        node = copy_meta(tree[key], copy, depth - 1) if key else _copy_own(tree[key], copy)
        if node:
            nodes[clean_text(key)] = node
    return nodes


def _copy_own(node: object, copy: Callable[[Any], Any]) -> Meta:
    own: Meta = {}
    if type(node) is dict:
        for name, kind in OWN_MEMBERS.items():
            value = node.get(name)
            if value is not None and (kind is object or (type(value) is kind and value != [])):
                own[name] = copy(value)
    return own
