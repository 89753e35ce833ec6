"""Staged files have a temporary name until they are committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from archive.storage.durable import TEMPORARY, sync_directory, wrap_os_errors
from archive.storage.manifest import PartFile


def publish(root: Path, paths: Iterable[str]) -> None:
    """Rename staged files to their final names; they take effect once a manifest lists them."""
    directories = set()
    for name in paths:
        path = root / name
        with wrap_os_errors(path):
            path.with_name(path.name + TEMPORARY).rename(path)
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
    return staged if staged.exists() else root / part.path
