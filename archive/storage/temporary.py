"""Temporary directories: private, with unpredictable names, removed when they are not needed."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from pathlib import Path


def make_temporary_directory(owner: object) -> Path:
    """Create a directory that is removed with its owner. Raises OSError."""
    path = tempfile.mkdtemp(prefix="event-archive-")
    weakref.finalize(owner, shutil.rmtree, path, ignore_errors=True)
    return Path(path)
