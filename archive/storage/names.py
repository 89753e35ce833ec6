"""The names of an archive's own files; nothing else in its directory is opened or removed."""

from __future__ import annotations

import re
from typing import NamedTuple

ARCHIVE_FILE = "archive.json"
LOCK = "lock"
MANIFESTS = "manifest"
REJECTS = "rejects"
QUARANTINE = "quarantine"
JOURNAL = ".journal"
TEMPORARY = ".tmp"

_COMMIT = r"([0-9]{8,})-[0-9a-f]{4}"
_TABLE = re.compile(r"[a-z_]+")
_PART = re.compile(rf"[a-z_]+/{_COMMIT}(-[0-9]{{4,}})?\.(parquet|duckdb|jsonl\.zst)")
_OF_COMMIT = re.compile(rf"{_COMMIT}(?=[-.])")


class CommitName(NamedTuple):
    """The name of a commit, with which the names of its files begin, and its number."""

    name: str
    number: int


def is_table(name: str) -> bool:
    """Whether a directory of this name holds the parts of a table."""
    return bool(_TABLE.fullmatch(name)) and name not in (MANIFESTS, QUARANTINE)


def is_part(path: str) -> bool:
    """Whether a path, relative to the archive, can be that of a part."""
    return bool(_PART.fullmatch(path))


def find_commit(name: str) -> CommitName | None:
    """Find the commit of a file by the file's name; None if it is not of a commit."""
    found = _OF_COMMIT.match(name)
    return CommitName(found[0], int(found[1])) if found else None
