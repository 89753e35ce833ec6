"""The sandbox: SQL can only read the archive.

Only read-only statements run, in a read-only transaction, on a DuckDB connection whose only file
system is `ArchiveFiles`, which cannot write. Each layer covers gaps of the others: DuckDB reports
a COPY inside a WITH clause as a SELECT.
"""

from __future__ import annotations

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
_REFUSALS = {
    "file system operations are disabled": (
        "the query accesses a file outside the archive",
        f"{_JOIN}; {_WRITE}",
    ),
    "read-only mode": ("the query modifies data", _NAME),
    "nothing can be written to an archive": ("the query writes to the archive", _WRITE),
    "not a file of this archive": (
        "the query accesses a file outside the archive",
        f"{_JOIN}; {_WRITE}",
    ),
    "extension": ("the query loads an extension", _JOIN),
}


def allow(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raise NotAllowed if the query contains a statement that is not read-only."""
    for statement in connection.extract_statements(query):
        try:
            kind = statement.type.name
        except ValueError:  # a kind that DuckDB's Python package does not know yet
            kind = statement.query.split()[0].upper()
        if kind not in READ_ONLY_STATEMENTS:
            raise _refuse(f"{kind} is not allowed", _ALTERNATIVES.get(kind))


def explain_refusal(error: Exception) -> NotAllowed | None:
    """Translate a DuckDB error that the sandbox caused; None for other errors."""
    message = str(error)
    for text, (what, instead) in _REFUSALS.items():
        if text in message:
            return _refuse(what, instead)
    return None


def _refuse(what: str, instead: str | None) -> NotAllowed:
    return NotAllowed(what=what, instead=f"; {instead}" if instead else "")
