"""Parse a search, in one pass over the text.

The language is that of Sentry (api/event_search.py), with its messages. The grammar is regular but
for parentheses, so a stack is enough. The quantifiers of all patterns are possessive: none of them
reads a text more than once.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from archive.errors import InvalidSearch
from archive.query.search.tree import MESSAGE, And, Filter, Has, Is, Node, Or, list_leaves

MAX_DEPTH = 50
MAX_FILTERS = 50

_QUOTED = r'"(?:\\"|[^"])*+"'
_KEY = r"[a-zA-Z0-9_.-]++"
_END = r"(?=[\t\n )]|\Z)"
_START = re.compile(
    rf'(?P<negated>!)?(?:tags\[(?:(?P<tag>[a-zA-Z0-9_.:-]++)|"(?P<quoted_tag>[^"\n]++)")'
    rf'(?:,\ ?string)?\]|(?P<key>{_KEY})|"(?P<quoted_key>[^"\n]++)"):'
)
_AGGREGATE = re.compile(rf'!?{_KEY}\((?:{_QUOTED}|[^()"\n])*+\):')
_TYPED = re.compile(r"!?tags\[[^\]()\s]*+\](?:[^\]()\s:]*+\])?:")
_OPERATOR = re.compile("\uf00d(Contains|StartsWith|EndsWith)\uf00d|>=|<=|!=|>|<|=")
_LIST = re.compile(rf'\[(?:{_QUOTED}|[^(), \n"][^(), \n]*+|\ *+,\ *+)*+')
_ITEM = re.compile(rf"\ *+({_QUOTED}|[^, ]*+)\ *+,")
_ENDING = re.compile(_END)
_HAS_TAG = re.compile(rf"tags\[({_KEY})\]{_END}")
_TEXT = re.compile(_QUOTED)
_VALUE = re.compile(r"[^()\t\n ]*+")
_WORD = re.compile(r"[^()\n ]++")
_BOOLEAN = re.compile(rf"(AND|OR){_END}", re.IGNORECASE)
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_WILD = {"Contains": "*{}*", "StartsWith": "{}*", "EndsWith": "*{}"}


class _Words(NamedTuple):
    """A run of free text that is not quoted, as positions in the search."""

    start: int
    end: int


class _Group:
    """What has been read of the text inside a pair of parentheses."""

    def __init__(self, start: int) -> None:
        self.start = start
        self.parts: list[Node | _Words | str] = []  # a string is an operator


def parse_search(text: str) -> Node:
    """Parse a search. Raises InvalidSearch."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidSearch(reason="The search is not valid Unicode.") from error
    tree = _Parser(text).parse()
    if len(list_leaves(tree)) > MAX_FILTERS:
        raise InvalidSearch(reason=f"A search can have at most {MAX_FILTERS} conditions.")
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self._no_list_before = 0
        self._groups = [_Group(-1)]

    def parse(self) -> Node:
        while True:
            self._skip_spaces()
            if self._at == len(self._text):
                break
            self._read_term()
        if len(self._groups) > 1:
            raise self._misplaced(self._groups[1].start)
        return self._combine(self._groups[0].parts)

    def _skip_spaces(self) -> None:
        while self._text.startswith(" ", self._at):
            self._at += 1

    def _read_term(self) -> None:
        parts = self._groups[-1].parts
        if self._text.startswith("(", self._at):
            self._open_group()
        elif self._text.startswith(")", self._at):
            self._close_group()
        elif match := _BOOLEAN.match(self._text, self._at):
            self._at = match.end()
            parts.append(match[1].upper())
        elif _AGGREGATE.match(self._text, self._at):
            raise InvalidSearch(reason="Aggregate functions are not supported in this search.")
        elif match := _START.match(self._text, self._at):
            self._at = match.end()
            parts.append(self._read_filter(match))
        elif _TYPED.match(self._text, self._at):
            raise InvalidSearch(reason="Only tags of type string are supported in this search.")
        elif not self._continues() and (match := _TEXT.match(self._text, self._at)):
            self._at = match.end()
            if quoted := _unquote(match[0]):
                parts.append(Filter(MESSAGE, (quoted,)))
        elif match := _WORD.match(self._text, self._at):
            self._add_words(self._at, match.end())
        else:
            raise self._misplaced(self._at)

    def _open_group(self) -> None:
        if len(self._groups) > MAX_DEPTH:
            raise InvalidSearch(reason=f"Parentheses are nested more than {MAX_DEPTH} deep.")
        self._groups.append(_Group(self._at))
        self._at += 1

    def _close_group(self) -> None:
        if len(self._groups) == 1:
            raise self._misplaced(self._at)
        group = self._groups.pop()
        self._at += 1
        is_text = all(isinstance(part, _Words) for part in group.parts)
        if self._at - group.start == 2 or (is_text and self._continues()):
            self._add_words(group.start, self._at)
        elif group.parts:
            self._groups[-1].parts.append(self._combine(group.parts))
        else:
            raise self._misplaced(group.start)

    def _continues(self) -> bool:
        """Whether free text follows free text, of which it is a part even if it has quotes."""
        parts = self._groups[-1].parts
        return bool(parts) and isinstance(parts[-1], _Words)

    def _add_words(self, start: int, end: int) -> None:
        parts = self._groups[-1].parts
        if parts and isinstance(before := parts[-1], _Words):
            start = before.start
            parts.pop()
        parts.append(_Words(start, end))
        self._at = end

    def _read_filter(self, start: re.Match[str]) -> Node:
        tag = start["tag"] or start["quoted_tag"]
        key = tag or start["key"] or start["quoted_key"]
        negated = bool(start["negated"])
        if start["key"] == "has":
            return self._read_has(negated)
        if start["key"] == "is":
            return self._read_is(negated)
        operator, pattern = "=", "{}"
        if match := _OPERATOR.match(self._text, self._at):
            self._at = match.end()
            pattern = _WILD.get(match[1] or "", pattern)
            operator = "=" if match[1] else match[0]
        values = self._read_list() or (self._read_value(key),)
        if operator == "!=":
            operator, negated = "=", not negated
        found = tuple(map(pattern.format, values))
        return Filter(key.removeprefix("sentry:"), found, operator, negated, tag is not None)

    def _read_has(self, negated: bool) -> Node:
        if match := _HAS_TAG.match(self._text, self._at):
            self._at = match.end()
            return Has(match[1], negated, is_tag=True)
        is_quoted = self._text.startswith('"', self._at)
        key = self._read_value("has")
        if not key or not (is_quoted or re.fullmatch(_KEY, key)):
            reason = 'Invalid format for "has" search: was expecting a field or tag instead'
            raise InvalidSearch(reason=reason)
        return Has(key.removeprefix("sentry:"), negated)

    def _read_is(self, negated: bool) -> Node:
        state = self._read_value("is")
        if state.startswith("["):
            raise InvalidSearch(reason='"in" syntax invalid for "is" search')
        return Is(state, negated)

    def _read_list(self) -> tuple[str, ...]:
        """Read `[a,b]`; nothing if it is not a list but a text that begins with a bracket."""
        if not self._text.startswith("[", self._at) or self._at < self._no_list_before:
            return ()
        match = _LIST.match(self._text, self._at)
        end = match.end() if match else self._at
        listed = self._text[self._at + 1 : end - 1]
        if self._text[end - 1] != "]" or not _ENDING.match(self._text, end):
            self._no_list_before = end  # a list that begins before would end there too
            return ()
        items = _ITEM.findall(f"{listed},")
        if not items[0]:
            return ()
        if "" in items:
            raise InvalidSearch(reason="Lists should not have empty values")
        self._at = end
        return tuple(map(_unquote, items))

    def _read_value(self, key: str) -> str:
        if match := _TEXT.match(self._text, self._at):
            self._at = match.end()
            return _unquote(match[0])
        match = _VALUE.match(self._text, self._at)
        value = match[0] if match else ""
        if not value:
            raise InvalidSearch(reason=f"Empty string after '{key}:'")
        if _BARE_QUOTE.search(value):
            reason = f"Invalid quote at '{value}': quotes must enclose text or be escaped."
            raise InvalidSearch(reason=reason)
        self._at += len(value)
        return value.replace('\\"', '"')

    def _combine(self, parts: list[Node | _Words | str]) -> Node:
        """Build the tree of a group: AND binds more tightly than OR."""
        _check_operators([part if isinstance(part, str) else "" for part in parts])
        alternatives: list[list[Node]] = [[]]
        for part in parts:
            if part == "OR":
                alternatives.append([])
            elif isinstance(part, _Words):
                words = self._text[part.start : part.end].strip(" ")
                alternatives[-1].append(Filter(MESSAGE, (words,)))
            elif not isinstance(part, str):
                alternatives[-1].append(part)
        found = [nodes[0] if len(nodes) == 1 else And(tuple(nodes)) for nodes in alternatives]
        return found[0] if len(found) == 1 else Or(tuple(found))

    def _misplaced(self, at: int) -> InvalidSearch:
        column = at - self._text.rfind("\n", 0, at)
        around = self._text[max(0, column - 5) : column + 5]
        return InvalidSearch(
            reason=f"Parse error at '{around}' (column {column}). This is commonly caused by "
            "unmatched parentheses. Enclose any text in double quotes."
        )


def _check_operators(operators: list[str]) -> None:
    """Raise InvalidSearch if an operator lacks a condition; "" is a condition."""
    if not operators:
        return
    first, last = operators[0], operators[-1]
    if first:
        reason = f"Condition is missing on the left side of '{first}' operator"
        raise InvalidSearch(reason=reason)
    for one, two in pairwise(operators):
        if one and two:
            reason = f"Missing condition in between two condition operators: '{one} {two}'"
            raise InvalidSearch(reason=reason)
    if last:
        reason = f"Condition is missing on the right side of '{last}' operator"
        raise InvalidSearch(reason=reason)


def _unquote(text: str) -> str:
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    return text.replace('\\"', '"')
