"""Annotations: the `_meta` tree that mirrors an event and says what was changed in it."""

from typing import Any, TypeVar

from archive.events.normalize.clean import copy_cleanly, to_json

Meta = dict[str, Any]
Lost = TypeVar("Lost")
"""The type of a value that is not there: a rejected value reads as None of any type."""

LONGEST_ORIGINAL = 500
DEEPEST_META = 100


def reject(meta: Meta, expectation: str, value: object) -> Lost | None:
    """Note that a value was of the wrong type; None takes its place (Relay, `Error::expected`)."""
    return add_error(meta, "invalid_data", value, reason=f"expected {expectation}")


def add_error(meta: Meta, kind: str, value: object = None, **data: str) -> Lost | None:
    """Note an error on this node; None takes the place of the value (Relay, `Meta::add_error`)."""
    errors = meta.setdefault("", {}).setdefault("err", [])
    errors.append([kind, data] if data else kind)
    return withdraw(meta, value)


def withdraw(meta: Meta, value: object) -> Lost | None:
    """Remove a value but keep it, unless large, as the original (Relay, `DeleteValueSoft`)."""
    if value is not None and len(to_json(value)) < LONGEST_ORIGINAL:
        meta.setdefault("", {}).setdefault("val", copy_cleanly(value))
    return None


def has_errors(meta: Meta) -> bool:
    """Tell whether this node itself carries an error."""
    return "" in meta and bool(meta[""].get("err"))


def take_children(meta: Meta) -> Meta:
    """Remove the children of a node and return them: those still wanted are put back."""
    if not meta:
        return {}
    children = dict(meta)
    own = children.pop("", None)
    meta.clear()
    if own is not None:
        meta[""] = own
    return children


def keep_own(meta: Meta) -> None:
    """Forget the children of a node whose value is gone."""
    take_children(meta)


def copy_meta(tree: object) -> Meta:
    """Copy the annotations a client sent, leaving out what is not a node."""
    return _copy_nodes(copy_cleanly(tree), 0)


def _copy_nodes(tree: object, depth: int) -> Meta:
    if not isinstance(tree, dict) or depth > DEEPEST_META:
        return {}
    nodes = {
        key: _copy_nodes(node, depth + 1) if key else _copy_own(node) for key, node in tree.items()
    }
    return {key: node for key, node in nodes.items() if node}


def _copy_own(node: object) -> Meta:
    if not isinstance(node, dict):
        return {}
    lists = {name: node[name] for name in ("rem", "err") if isinstance(node.get(name), list)}
    length = {"len": node["len"]} if isinstance(node.get("len"), int) else {}
    original = {"val": node["val"]} if node.get("val") is not None else {}
    return {name: item for name, item in {**lists, **length, **original}.items() if item != []}
