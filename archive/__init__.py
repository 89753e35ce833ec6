"""Event Archive: an offline archive of Sentry events.

import archive

with archive.open("my-archive") as events:
    events.load("exports/")
    answer = events.resolve("8e8379fcff434080b488b56cc4832ced")
    rows = events.sql("SELECT function, count(*) FROM frames GROUP BY ALL")
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from archive.api import DEFAULT_PATH, Archive
from archive.errors import ArchiveError
from archive.version import VERSION

if TYPE_CHECKING:
    from archive.query.bounds import Bounds

__version__ = VERSION
__all__ = ["Archive", "ArchiveError", "__version__", "open"]


def open(path: str | Path = DEFAULT_PATH, bounds: Bounds | None = None) -> Archive:
    """An archive directory, which need not exist before the first load.

    bounds: of queries; see `archive.query.bounds.Bounds`.
    """
    return Archive(path, bounds)
