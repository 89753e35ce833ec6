"""Staged files have a temporary name until they are committed."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from archive.storage.checksums import hash_file
from archive.storage.durable import (
    ensure_directory,
    exists,
    narrow_access,
    sync_directory,
    sync_file,
    wrap_os_errors,
)
from archive.storage.manifest import PartFile
from archive.storage.names import TEMPORARY


def prepare_staged(root: Path, part: PartFile) -> Path:
    """Return the path to write a staged part to, in a directory that exists. Raises OSError."""
    path = staged_path(root, part)
    ensure_directory(path.parent)
    path.unlink(missing_ok=True)
    return path


def stage_again(root: Path, part: PartFile) -> PartFile:
    """Stage a copy of a file that no manifest lists, to list it. Raises StorageFailed."""
    with wrap_os_errors(root / part.path):
        shutil.copyfile(root / part.path, prepare_staged(root, part))
        return measure_staged(root, part)


def measure_staged(root: Path, part: PartFile) -> PartFile:
    """Flush a staged part to disk; return it with its size and SHA-256. Raises OSError."""
    path = staged_path(root, part)
    sync_file(path)
    return replace(part, size=path.stat().st_size, sha256=hash_file(path))


def publish(root: Path, parts: Iterable[PartFile]) -> None:
    """Rename staged parts to their final names; they take effect once a manifest lists them."""
    directories = set()
    for part in parts:
        path = root / part.path
        with wrap_os_errors(path):
            narrow_access(staged_path(root, part))
            staged_path(root, part).rename(path)
        directories.add(path.parent)
    for directory in directories:
        sync_directory(directory)


def rename_staged(root: Path, part: PartFile, name: str) -> PartFile:
    """Change the final name of a staged part."""
    renamed = replace(part, name=name)
    with wrap_os_errors(root / renamed.path):
        staged_path(root, part).rename(staged_path(root, renamed))
    return renamed


def remove_staged(root: Path, parts: Iterable[PartFile]) -> None:
    """Remove staged parts."""
    for part in parts:
        staged_path(root, part).unlink(missing_ok=True)


def staged_path(root: Path, part: PartFile) -> Path:
    """Return the temporary path of a staged part."""
    return root / f"{part.path}{TEMPORARY}"


def locate_part(root: Path, part: PartFile) -> Path:
    """Return the path of a part that is staged or committed."""
    staged = staged_path(root, part)
    return staged if exists(staged) else root / part.path
