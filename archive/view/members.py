"""Read JSON of any shape as facts, and lose none of it."""

from __future__ import annotations

from typing import Any

from archive.jsontext import dump
from archive.view.model import Fact

DEPTH = 3  # what is nested deeper is shown as JSON
_ABSENT: tuple[Any, ...] = (None, "", [], {})


class Members:
    """The members of an object that are not yet shown.

    Each is taken by the part of the view that shows it, if it has the expected type; `rest` takes
    the others. A list has its items as members, and any other value is a member itself.
    """

    def __init__(self, value: Any) -> None:
        if isinstance(value, list):
            value = {str(number): item for number, item in enumerate(value, 1)}
        self._left = dict(value) if isinstance(value, dict) else {"value": value}

    def get_text(self, name: str) -> str:
        """The text of a scalar; empty if it is absent or of another type."""
        value = self._left.get(name)
        return "" if value is None or isinstance(value, dict | list) else to_text(value)

    def take_text(self, name: str) -> str:
        """Take a scalar as text; a value of another type remains."""
        text = self.get_text(name)
        if text:
            del self._left[name]
        return text

    def take_flag(self, name: str) -> bool | None:
        """Take true or false."""
        value = self._left.get(name)
        if not isinstance(value, bool):
            return None
        del self._left[name]
        return value

    def take_items(self, name: str) -> list[Members]:
        """Take a list, without nulls."""
        if not isinstance(self._left.get(name), list):
            return []
        return [Members(item) for item in self._left.pop(name) if item is not None]

    def take_members(self, name: str) -> Members:
        """Take any value as members."""
        value = self._left.pop(name, None)
        return Members({} if value is None else value)

    def take_facts(self, name: str, depth: int = DEPTH) -> tuple[Fact, ...]:
        """Take the members of a value, those that are null or empty too.

        depth: of the members that become facts of their own; 0 makes one line of each.
        """
        return _grow_all(self._left.pop(name, None), depth)

    def get(self, name: str) -> Any:
        """A value, which remains."""
        return self._left.get(name)

    def values(self) -> list[Any]:
        """The values that are not yet taken."""
        return list(self._left.values())

    def take(self, name: str) -> Any:
        """Take a value of any type."""
        return self._left.pop(name, None)

    def drop(self, name: str, shown: str) -> None:
        """Take a text that is shown already."""
        if shown and self.get_text(name) == shown:
            del self._left[name]

    def rest(self, depth: int = DEPTH) -> tuple[Fact, ...]:
        """Take the others, without those that are null or empty."""
        left, self._left = self._left, {}
        present = {name: value for name, value in left.items() if value not in _ABSENT}
        return _grow_all(present, depth)


def to_text(value: Any) -> str:
    """The text of a JSON value: a string itself, anything else as JSON."""
    if isinstance(value, str):
        return value
    return dump(value, "surrogatepass").decode("utf-8", "surrogatepass")


def _grow_all(value: Any, depth: int) -> tuple[Fact, ...]:
    """The facts of a value's members."""
    if value in _ABSENT:
        return ()
    return tuple(_grow(name, inner, depth) for name, inner in _list_members(value))


def _grow(name: str, value: Any, depth: int) -> Fact:
    has_members = isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict | list) for item in value)
    )
    if depth and value and has_members:
        members = _list_members(value)
        return Fact(name, "", tuple(_grow(name, inner, depth - 1) for name, inner in members))
    return Fact(name, to_text(value))


def _list_members(value: Any) -> list[tuple[str, Any]]:
    """Name the members of a value; pairs, as in headers, are named by their first item."""
    if isinstance(value, dict):
        return list(value.items())
    if not isinstance(value, list):
        return [("value", value)]
    if all(is_pair(item) for item in value):
        return [(to_text(key), inner) for key, inner in value]
    return [(str(number), item) for number, item in enumerate(value, 1)]


def is_pair(item: Any) -> bool:
    """Whether a value is a list of a scalar and something else."""
    return isinstance(item, list) and len(item) == 2 and not isinstance(item[0], dict | list)
