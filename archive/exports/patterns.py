"""Patterns that recognize a JSON object by its members and their types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, Protocol, TypeVar

from archive.exports.raw_members import Members, find_opening, read_text

_TOKEN = re.compile(r'([^={}\[\]"]+)((?:\{\}|\[\]|"")*)(?:=(.+))?')


class _Test(NamedTuple):
    """A member that must be present, optionally of a type or with a value."""

    key: str
    openings: tuple[bytes, ...]
    value: str | None

    def matches(self, members: Members) -> bool:
        if self.key not in members:
            return False
        member = members[self.key]
        if self.openings and find_opening(member) not in self.openings:
            return False
        if self.value is None:
            return True
        return bytes(member) == b"null" if self.value == "null" else self.value == read_text(member)


class Pattern(NamedTuple):
    """The members that an object must and must not have.

    mark: the first required member, used as an index to rule out most patterns.
    names: the required members; typed: those that must also be of a type or have a value.
    one_of: members of which at least one is required. none_of: forbidden members.
    only: if not None, the only other members allowed.
    """

    mark: str
    names: frozenset[str]
    typed: tuple[_Test, ...]
    one_of: tuple[_Test, ...]
    none_of: frozenset[str]
    only: frozenset[str] | None
    text: str

    def matches(self, members: Members) -> bool:
        """Whether an object has the pattern's members."""
        return (
            members.keys() >= self.names
            and self.none_of.isdisjoint(members)
            and (not self.typed or all(test.matches(members) for test in self.typed))
            and (not self.one_of or any(test.matches(members) for test in self.one_of))
            and (self.only is None or members.keys() <= self.only)
        )


def pattern(
    required: str, *, one_of: str = "", none_of: str = "", only: str | None = None
) -> Pattern:
    """Parse a pattern from members separated by spaces.

    `name{}` is an object, `name[]` an array, `name""` a string, `name{}[]` one of the two;
    `name=value` is the string or number `value`, or null.
    """
    tests, choices = _read_tests(required), _read_tests(one_of)
    names = [test.key for test in tests]
    allowed = None
    if only is not None:
        allowed = frozenset(names) | {test.key for test in choices} | set(only.split())
    parts = [required, one_of and f"one of: {one_of}", only and f"only: {only}"]
    text = " + ".join(part for part in parts if part) + (" only" if only == "" else "")
    return Pattern(
        mark=names[0] if names else "",
        names=frozenset(names),
        typed=tuple(test for test in tests if test.openings or test.value is not None),
        one_of=choices,
        none_of=frozenset(none_of.split()),
        only=allowed,
        text=text,
    )


def _read_tests(text: str) -> tuple[_Test, ...]:
    tests = []
    for token in text.split():
        ((key, kinds, value),) = _TOKEN.findall(token)
        tests.append(_Test(key, tuple(kind.encode() for kind in kinds[::2]), value or None))
    return tuple(tests)


class _Row(Protocol):
    @property
    def pattern(self) -> Pattern: ...

    def matches(self, members: Members) -> bool: ...


RowType = TypeVar("RowType", bound=_Row)


class PatternTable(Generic[RowType]):
    """Rows with one pattern each; the first that matches an object counts."""

    def __init__(self, rows: Iterable[RowType]) -> None:
        self.rows = tuple(rows)
        self._by_mark: dict[str, list[int]] = {}
        for index, row in enumerate(self.rows):
            self._by_mark.setdefault(row.pattern.mark, []).append(index)
        self._marks = frozenset(self._by_mark)

    def find(self, members: Members) -> RowType | None:
        """Find the first row that matches an object."""
        if self._marks.isdisjoint(members):  # the fastest test, which most events pass
            return None
        marks = members.keys() & self._marks
        for index in sorted(index for mark in marks for index in self._by_mark[mark]):
            if self.rows[index].matches(members):
                return self.rows[index]
        return None
