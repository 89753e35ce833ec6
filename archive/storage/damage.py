"""Report PyArrow's errors on a part as damage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from archive.errors import DamagedArchive


@contextmanager
def wrap_arrow_errors(root: Path, path: Path) -> Iterator[None]:
    """Turn PyArrow's errors on a part into DamagedArchive.

    A damaged footer can name columns that do not exist or that are not valid UTF-8.
    """
    try:
        yield
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedArchive(path=path, reason=reason, archive=root) from error
