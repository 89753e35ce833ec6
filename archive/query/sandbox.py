"""The sandbox: SQL can only read the archive.

Only read-only statements run, in a read-only transaction, on a DuckDB connection whose only file
system is `ArchiveFiles`, which cannot write. Each layer covers gaps of the others: DuckDB reports
a COPY inside a WITH clause as a SELECT, and lets it write to its directory for temporary data.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from archive.errors import NotAllowed

if TYPE_CHECKING:
    import duckdb

READ_ONLY_STATEMENTS = {"SELECT", "EXPLAIN", "MULTI"}  # DuckDB reports PIVOT as MULTI

_WRITE = "use -o FILE to write rows to a file"
_JOIN = "use --with NAME=FILE to join your own file"
_NAME = "use WITH name AS (SELECT …) SELECT … for a temporary table"
_ALTERNATIVES = {
    "COPY": _WRITE,
    "EXPORT": _WRITE,
    "ATTACH": _JOIN,
    "CREATE": _NAME,
    "INSERT": _NAME,
    "UPDATE": _NAME,
    "DELETE": _NAME,
    "DROP": _NAME,
}
_OUTSIDE = "the query accesses a file outside the archive", f"{_JOIN}; {_WRITE}"
# DuckDB raises its base class for an error of `ArchiveFiles` and for an extension.
_MESSAGES = {
    "SQL cannot write to an archive": ("the query writes to the archive", _WRITE),
    "not a file of this archive": _OUTSIDE,
    "extension": ("the query loads an extension", _JOIN),
}


# A COPY within a statement, and functions that run SQL which only they see.
_HIDING = re.compile(r"\b(copy|query|json_execute_serialized_sql)\b", re.IGNORECASE)
_HIDDEN = re.compile(
    r'"type":"COPY_QUERY_NODE"|"function_name":"(query|json_execute_serialized_sql)"', re.IGNORECASE
)


def allow(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raise NotAllowed if the query contains anything that is not read-only."""
    for statement in connection.extract_statements(query):
        try:
            type_ = statement.type.name
        except ValueError:  # a type that DuckDB's Python package does not know yet
            type_ = statement.query.split()[0].upper()
        if type_ not in READ_ONLY_STATEMENTS:
            raise _refuse(f"{type_} is not allowed", _ALTERNATIVES.get(type_))
    if _HIDING.search(query):
        cursor = connection.cursor().execute("SELECT json_serialize_sql($1)", [query])
        (tree,) = cursor.fetchone() or ("",)
        if _HIDDEN.search(tree) or not tree.startswith('{"error":false'):
            raise _refuse("COPY or SQL in a text is not allowed", _WRITE)


def explain_refusal(error: Exception) -> NotAllowed | None:
    """Translate a DuckDB error that the sandbox caused; None for other errors."""
    import duckdb

    if isinstance(error, duckdb.PermissionException):
        return _refuse(*_OUTSIDE)
    if isinstance(error, duckdb.TransactionException):
        return _refuse("the query modifies data", _NAME)
    found = (reason for text, reason in _MESSAGES.items() if text in str(error))
    return next((_refuse(*reason) for reason in found), None)


def _refuse(what: str, instead: str | None) -> NotAllowed:
    return NotAllowed(what=what, instead=f"; {instead}" if instead else "")
