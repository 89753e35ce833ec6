"""Write a file that the user names: at once as a whole, or through what is already there."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.storage.durable import exists


@contextmanager
def stage_output(path: Path) -> Iterator[Path]:
    """Yield the path to write to.

    It is a new file, which is renamed into place once complete and keeps the mode of the one that
    it replaces. Devices, FIFOs and links stay: they are written through. Raises OSError.
    """
    if path.is_symlink() or (exists(path) and not path.is_file()):
        yield path
        return
    staged = path.with_name(f".{secrets.token_hex(8)}.part{path.suffix}")
    staged.touch(exist_ok=False)
    try:
        if exists(path):
            shutil.copymode(path, staged)
        yield staged
        staged.replace(path)
    finally:
        staged.unlink(missing_ok=True)
