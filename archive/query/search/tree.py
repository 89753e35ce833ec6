"""What a search means: a tree of filters."""

from __future__ import annotations

from typing import NamedTuple

MESSAGE = "message"  # the key of free text


class Filter(NamedTuple):
    """One `key:value`, or free text, which has the key `message`.

    values: any of these. operator: of the value, as in `times_seen:>10`. is_tag: `tags[key]`.
    """

    key: str
    values: tuple[str, ...]
    operator: str = "="
    negated: bool = False
    is_tag: bool = False


class Has(NamedTuple):
    """`has:key`: the key has a value."""

    key: str
    negated: bool = False
    is_tag: bool = False


class Is(NamedTuple):
    """`is:unresolved`: a state of the issue."""

    state: str
    negated: bool = False


class And(NamedTuple):
    """All of the parts; without any, everything."""

    parts: tuple[Node, ...]


class Or(NamedTuple):
    """Any of the parts."""

    parts: tuple[Node, ...]


Leaf = Filter | Has | Is
Node = Leaf | And | Or


def list_leaves(node: Node) -> list[Leaf]:
    """List the filters of a tree, from left to right."""
    if isinstance(node, And | Or):
        return [leaf for part in node.parts for leaf in list_leaves(part)]
    return [node]
