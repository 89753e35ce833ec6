"""What SQL may do to an archive: read it.

Three bars, each of which would do for most: only statements that ask are run, in a transaction
that is read-only, by a DuckDB that reaches no file but the archive's, through a file system that
cannot write. So a COPY that hides in a WITH clause, which DuckDB holds to be a SELECT, fails too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from archive.errors import NotAllowed

if TYPE_CHECKING:
    import duckdb

ASKING = {"SELECT", "EXPLAIN", "MULTI"}  # MULTI is what DuckDB makes of PIVOT

_WRITE = "to write rows to a file, give -o FILE"
_JOIN = "to join with a file of your own, give --with NAME=FILE"
_NAME = "to name a table for one question, write WITH name AS (SELECT …) SELECT …"
_INSTEAD = {
    "COPY": _WRITE,
    "EXPORT": _WRITE,
    "ATTACH": _JOIN,
    "CREATE": _NAME,
    "INSERT": _NAME,
    "UPDATE": _NAME,
    "DELETE": _NAME,
    "DROP": _NAME,
}
_SIGNS = {
    "file system operations are disabled": (
        "a file outside the archive was to be used",
        f"{_JOIN}; {_WRITE}",
    ),
    "read-only mode": ("something was to be changed", _NAME),
    "nothing can be written to an archive": ("the archive was to be written to", _WRITE),
    "not a file of this archive": (
        "a file outside the archive was to be used",
        f"{_JOIN}; {_WRITE}",
    ),
    "extension": ("an extension was to be loaded", _JOIN),
}


def allow(connection: duckdb.DuckDBPyConnection, query: str) -> None:
    """Raises NotAllowed where a statement of the query is none that asks."""
    for statement in connection.extract_statements(query):
        try:
            kind = statement.type.name
        except ValueError:  # a kind that DuckDB's Python package does not know yet
            kind = statement.query.split()[0].upper()
        if kind not in ASKING:
            raise _refuse(f"{kind} is not allowed here", _INSTEAD.get(kind))


def explain_refusal(error: Exception) -> NotAllowed | None:
    """What DuckDB's complaint means, where one of the bars was hit."""
    said = str(error)
    for sign, (what, instead) in _SIGNS.items():
        if sign in said:
            return _refuse(what, instead)
    return None


def _refuse(what: str, instead: str | None) -> NotAllowed:
    return NotAllowed(what=what, instead=f"; {instead}" if instead else "")
