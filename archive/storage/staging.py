"""Staged files: written under a temporary name, and given their own when they are committed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from archive.storage.durable import TEMPORARY, sync_directory, wrap_os_errors
from archive.storage.manifest import PartFile


def publish(root: Path, paths: Iterable[str]) -> None:
    """Give staged files their names; they count once a manifest lists them."""
    directories = set()
    for name in paths:
        path = root / name
        with wrap_os_errors(path):
            path.with_name(path.name + TEMPORARY).rename(path)
        directories.add(path.parent)
    for directory in directories:
        sync_directory(directory)


def rename_staged(root: Path, part: PartFile, name: str) -> PartFile:
    """Change the name that a staged part will get."""
    renamed = replace(part, name=name)
    with wrap_os_errors(root / renamed.path):
        staged_path(root, part).rename(staged_path(root, renamed))
    return renamed


def remove_staged(root: Path, parts: Iterable[PartFile]) -> None:
    """Throw staged parts away."""
    for part in parts:
        staged_path(root, part).unlink(missing_ok=True)


def staged_path(root: Path, part: PartFile) -> Path:
    return root / f"{part.path}{TEMPORARY}"
