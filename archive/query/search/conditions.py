"""Searches as SQL: conditions on the view `events`, with bound parameters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from archive.errors import InvalidSearch
from archive.query.search.fields import BY_KEY, STATES, Column, Field, Kind, Table
from archive.query.search.parse import parse_search
from archive.query.search.tree import And, Filter, Has, Is, Node, Or, list_leaves
from archive.query.search.values import (
    parse_boolean,
    parse_id,
    parse_moment,
    parse_number,
)

_WILDCARD = re.compile(r"(?<!\\)(?:\\\\)*\*")


class Condition(NamedTuple):
    """A SQL condition on the view `events`, and its parameters."""

    sql: str
    values: dict[str, Any]


def compile_search(text: str, now: datetime | None = None) -> Condition:
    """Parse a search and translate it to SQL. Raises InvalidSearch."""
    compiler = _Compiler(now or datetime.now(UTC))
    return Condition(compiler.translate(parse_search(text)), compiler.values)


def list_tag_keys(text: str) -> list[str]:
    """List the keys of a search that only a tag can have. Raises InvalidSearch."""
    leaves = [leaf for leaf in list_leaves(parse_search(text)) if not isinstance(leaf, Is)]
    return [leaf.key for leaf in leaves if leaf.is_tag or leaf.key not in BY_KEY]


class _Compiler:
    """Translates a tree; each value becomes the parameter `$search_N`."""

    def __init__(self, now: datetime) -> None:
        self.values: dict[str, Any] = {}
        self._now = now

    def translate(self, node: Node) -> str:
        if isinstance(node, And | Or):
            joint = " AND " if isinstance(node, And) else " OR "
            return _join(joint, map(self.translate, node.parts))
        if isinstance(node, Is):
            condition = self._find_issue(_find_state(node.state))
        elif isinstance(node, Has):
            condition = self._has(node)
        else:
            condition = self._compare(node)
        return f"NOT coalesce({condition}, false)" if node.negated else condition

    def _has(self, node: Has | Filter) -> str:
        """Whether a key has a value; an empty text is none."""
        field = _find_field(node)
        is_text = field is None or field.kind in (Kind.TEXT, Kind.PART)
        return self._in_columns(
            node,
            lambda column: f"{column} <> ''" if is_text else f"{column} IS NOT NULL",
        )

    def _compare(self, node: Filter) -> str:
        field = _find_field(node)
        kind = field.kind if field else Kind.TEXT
        if kind in (Kind.TEXT, Kind.PART):
            return self._match(node, kind)
        found = [self._test(node, kind, value) for value in node.values]
        return self._in_columns(
            node, lambda column: _join(" OR ", (test(column) for test in found))
        )

    def _test(self, node: Filter, kind: Kind, value: str) -> Callable[[str], str]:
        """Return what writes the test of a value that is not a text."""
        if kind is Kind.ID:
            name = self._bind(parse_id(node.key, value))
            return lambda column: f"{column} = {name}"
        if kind is Kind.BOOLEAN:
            truth = parse_boolean(node.key, node.operator, value)
            return lambda column: column if truth else f"NOT {column}"
        if kind is Kind.NUMBER:
            bounds = [parse_number(node.key, node.operator, value)]
        else:
            bounds = parse_moment(node.key, node.operator, value, self._now)
        bound = [(operator, self._bind(limit)) for operator, limit in bounds]
        return lambda column: _join(" AND ", (f"{column} {op} {name}" for op, name in bound))

    def _match(self, node: Filter, kind: Kind) -> str:
        """Compare texts: exactly, or with wildcards in upper or lower case."""
        prefix = "" if node.operator == "=" else node.operator  # texts have no order
        texts = [prefix + value for value in node.values]
        wild = [text for text in texts if _WILDCARD.search(text)]
        plain = [text.replace("\\*", "*") for text in texts if text and text not in wild]
        around = "%" if kind is Kind.PART else ""
        tests = [
            f"{{}} ILIKE {self._bind(f'{around}{_make_pattern(text)}{around}')} ESCAPE '\\'"
            for text in wild
        ]
        if kind is Kind.PART:  # faster than ILIKE
            tests += [f"contains(lower({{}}), lower({self._bind(text)}))" for text in plain]
        elif plain:
            tests.append(f"list_contains({self._bind(plain)}::VARCHAR[], {{}})")
        found = [f"NOT coalesce({self._has(node)}, false)"] if "" in texts else []
        if tests:
            template = _join(" OR ", tests)
            found.append(self._in_columns(node, lambda column: template.replace("{}", column)))
        return _join(" OR ", found)

    def _in_columns(self, node: Filter | Has, test: Callable[[str], str]) -> str:
        """Apply a test to a key's columns, each in its table."""
        field = _find_field(node)
        if field is None:
            key = self._bind(node.key)
            return _select_keys("tags", f"key = {key} AND ({test('value')})")
        return _join(" OR ", (self._in_column(column, test) for column in field.columns))

    def _in_column(self, column: Column, test: Callable[[str], str]) -> str:
        condition = test(column.expression)
        if column.table is Table.EVENTS:
            return condition
        if column.table is Table.ISSUES:
            return self._find_issue(condition)
        return _select_keys(column.table.value, condition)

    def _find_issue(self, condition: str) -> str:
        return (
            "EXISTS (SELECT 1 FROM issues AS issue WHERE issue.group_id = events.group_id "
            f"AND is_same_project(issue.project_id, events.project_id) AND ({condition}))"
        )

    def _bind(self, value: object) -> str:
        name = f"search_{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def _find_field(node: Filter | Has) -> Field | None:
    return None if node.is_tag else BY_KEY.get(node.key)


def _find_state(name: str) -> str:
    """Return the condition on `issues` of a value of `is:`. Raises InvalidSearch."""
    if name not in STATES:
        reason = f'Invalid value for "is" search, valid values are {sorted(STATES)}'
        raise InvalidSearch(reason=reason)
    return STATES[name].condition


def _select_keys(table: str, condition: str) -> str:
    return f"event_key IN (SELECT event_key FROM {table} WHERE {condition})"


def _join(joint: str, conditions: Iterable[str]) -> str:
    found = list(conditions)
    return f"({joint.join(found)})" if found else "true"


def _make_pattern(text: str) -> str:
    """Translate wildcards to those of LIKE; a backslash makes the next character literal."""
    pieces = re.split(r"(\\.|\*)", text, flags=re.DOTALL)
    return "".join(
        "%" if piece == "*" else _escape(piece.removeprefix("\\") or piece) for piece in pieces
    )


def _escape(text: str) -> str:
    return re.sub(r"([%_\\])", r"\\\1", text)
