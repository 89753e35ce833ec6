"""What PyArrow has against a part, as an error of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from archive.errors import DamagedArchive


@contextmanager
def wrap_arrow_errors(root: Path, path: Path) -> Iterator[None]:
    """Turn what PyArrow has against a part into DamagedArchive.

    A damaged footer can name columns that are not there, or in no known encoding.
    """
    try:
        yield
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError, OverflowError) as error:
        reason = str(error).splitlines()[0]
        raise DamagedArchive(path=path, reason=reason, archive=root) from error
