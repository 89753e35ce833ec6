"""Find what to read: files, directories, globs and standard input."""

from __future__ import annotations

import glob
import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from archive.errors import SourceNotFound

CHUNK = 1 << 20
STDIN = "-"
ARCHIVE_MARK = "archive.json"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read, or standard input.

    path: as the user named it, for messages; `-` for standard input.
    size: in bytes; 0 where it cannot be known before reading.
    """

    path: str
    size: int = 0


def find_sources(paths: Sequence[str | Path]) -> list[Source]:
    """Expand files, directories, globs and `-` into files, in a stable order, each once.

    Directories are walked without following links; hidden files and archives of ours inside
    them are left alone. Raises SourceNotFound for a path or glob that matches nothing.
    """
    found: dict[str, Source] = {}
    for path in paths:
        for source in _expand(str(path)):
            found.setdefault(os.path.realpath(source.path), source)
    return list(found.values())


def read_chunks(source: Source, seen: Callable[[bytes], None]) -> Iterator[bytes]:
    """The bytes of a source in pieces of at most 1 MiB; `seen` is told of each piece."""
    with sys.stdin.buffer if source.path == STDIN else Path(source.path).open("rb") as stream:
        while chunk := stream.read(CHUNK):
            seen(chunk)
            yield chunk


def hash_source(source: Source) -> str:
    """SHA-256 of a regular file, by which a source already loaded is known again."""
    with Path(source.path).open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _expand(path: str) -> Iterator[Source]:
    if path == STDIN:
        yield Source(STDIN)
    elif Path(path).is_dir():
        yield from _walk(path)
    elif Path(path).exists():
        yield _measure(path)
    elif matches := _match(path):
        for match in matches:
            yield from _expand(match)
    else:
        raise SourceNotFound(path=path)


def _match(pattern: str) -> list[str]:
    """What a glob matches, but for links that lead nowhere."""
    matches = glob.glob(pattern, recursive=True)  # noqa: PTH207
    return sorted(match for match in matches if Path(match).exists())


def _walk(top: str) -> Iterator[Source]:
    for directory, names, files in os.walk(top):
        if ARCHIVE_MARK in files:
            names.clear()
            continue
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(directory, name)
            if not name.startswith(".") and path.is_file():
                yield _measure(str(path))


def _measure(path: str) -> Source:
    return Source(path, Path(path).stat().st_size)
