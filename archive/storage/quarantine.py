"""Keep the damaged files that a repair replaced, until they are discarded."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from archive.storage.durable import (
    ensure_directory,
    list_names,
    remove_files,
    sync_directory,
    wrap_os_errors,
)
from archive.storage.names import QUARANTINE


def quarantine(root: Path, paths: Iterable[str]) -> None:
    """Keep damaged files, given by their paths in the archive. Raises StorageFailed."""
    directory = root / QUARANTINE
    with wrap_os_errors(directory):
        ensure_directory(directory)
        for path in paths:
            kept = directory / path.replace("/", "-")
            kept.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                _link(root / path, kept)
        sync_directory(directory)


def list_quarantined(root: Path) -> list[str]:
    """List the paths of the files that are kept. Raises StorageFailed."""
    with wrap_os_errors(root / QUARANTINE), suppress(FileNotFoundError):
        return [f"{QUARANTINE}/{name}" for name in sorted(list_names(root / QUARANTINE))]
    return []


def discard_quarantined(root: Path) -> None:
    """Delete the files that are kept. Raises StorageFailed."""
    paths = list_quarantined(root)
    with wrap_os_errors(root / QUARANTINE):
        remove_files(root / path for path in paths)


def _link(path: Path, kept: Path) -> None:
    try:
        os.link(path, kept)
    except FileNotFoundError:
        raise
    except OSError:  # the file system has no hard links
        shutil.copyfile(path, kept)
