"""Find sources: files, directories, globs and standard input."""

from __future__ import annotations

import glob
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from archive.errors import SourceNotFound

CHUNK = 1 << 20
STDIN = "-"
ARCHIVE_MARK = "archive.json"
_SPECIAL = "special file or broken link"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read, or standard input.

    path: as the user wrote it; `-` for standard input.
    size: in bytes; 0 if unknown before reading.
    modified: when a regular file was last modified, in nanoseconds since 1970.
    """

    path: str
    size: int = 0
    modified: int | None = field(default=None, compare=False)


@dataclass(slots=True)
class Found:
    """The sources that were found, and the number of ignored files by kind."""

    sources: list[Source] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def find_sources(paths: Iterable[str | Path], follow_links: bool = False) -> Found:
    """Expand files, directories, globs and `-` into files, in a stable order, each once.

    Directories are searched without following links; hidden files and Event Archive directories
    inside them are ignored. Raises SourceNotFound for a path or glob that matches nothing.

    follow_links: follow links that lead out of a directory.
    """
    found, seen = Found(), set()
    for path in paths:
        for source in _expand(str(path), found.ignored, follow_links):
            identity = os.path.realpath(source.path)
            if identity not in seen:
                seen.add(identity)
                found.sources.append(source)
    return found


def open_source(source: Source) -> BinaryIO:
    """Open a source for reading, unbuffered."""
    if source.path == STDIN:
        return sys.stdin.buffer
    return Path(source.path).open("rb", buffering=0)


def has_changed(source: Source) -> bool:
    """Whether a regular file was replaced, removed or modified since it was found."""
    if source.modified is None:
        return False
    try:
        now = Path(source.path).stat()
    except OSError:
        return True
    return (now.st_size, now.st_mtime_ns) != (source.size, source.modified)


def _expand(path: str, ignored: Counter[str], follow_links: bool) -> Iterator[Source]:
    if path == STDIN:
        yield Source(STDIN)
    elif not path:  # Path("") is the current directory
        raise SourceNotFound(path="''")
    elif Path(path).is_dir():
        yield from _walk(path, ignored, follow_links)
    elif Path(path).exists():
        yield _measure(path)
    elif matches := sorted(match for match in _match(path) if Path(match).exists()):
        for match in matches:
            if Path(match).is_file() or Path(match).is_dir():
                yield from _expand(match, ignored, follow_links)
            else:
                ignored[_SPECIAL] += 1
    else:
        raise SourceNotFound(path=path)


def _match(pattern: str) -> set[str]:
    """Expand a glob; `**` does not follow links, which can form cycles."""
    if pattern.endswith("**"):
        pattern += "/*"
    top, recursive, rest = pattern.partition("**/")
    if not recursive:
        return set(glob.glob(pattern))  # noqa: PTH207
    matches = set()
    for found in glob.glob(top) if top else [os.curdir]:  # noqa: PTH207
        for directory, names, _ in os.walk(found):
            names[:] = [name for name in names if not name.startswith(".")]
            inner = os.path.join(glob.escape(directory), rest)  # noqa: PTH118
            matches |= _match(inner if top else inner.removeprefix("./"))
    return matches


def _walk(top: str, ignored: Counter[str], follow_links: bool) -> Iterator[Source]:
    inside = Path(top).resolve()
    unreadable: list[Source] = []

    def note(error: OSError) -> None:
        unreadable.append(Source(str(error.filename)))  # reported when it is read

    for directory, names, files in os.walk(top, onerror=note):
        if _is_archive(directory, files):
            ignored["archive"] += 1
            names.clear()
            continue
        names[:] = sorted(_leave_hidden(names, ignored))
        ignored["link to a directory"] += sum(Path(directory, n).is_symlink() for n in names)
        for name in sorted(_leave_hidden(files, ignored)):
            path = Path(directory, name)
            if not path.is_file():
                ignored[_SPECIAL] += 1
            elif path.is_symlink() and not (follow_links or path.resolve().is_relative_to(inside)):
                ignored["link to a file outside"] += 1
            else:
                yield _measure(str(path))
    yield from unreadable


def _is_archive(directory: str, files: list[str]) -> bool:
    return ARCHIVE_MARK in files and Path(directory, "manifest").is_dir()


def _leave_hidden(names: list[str], ignored: Counter[str]) -> list[str]:
    shown = [name for name in names if not name.startswith(".")]
    ignored["hidden file"] += len(names) - len(shown)
    return shown


def _measure(path: str) -> Source:
    found = Path(path).stat()
    return Source(path, found.st_size, found.st_mtime_ns if S_ISREG(found.st_mode) else None)
