"""Write rejected records to a file, with their location, the reason and their exact bytes."""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.exports.records import Reject, SourceLocation
from archive.jsontext import dump
from archive.storage.durable import TEMPORARY, sync_file, wrap_os_errors
from archive.storage.layout import REJECTS

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class RejectFile:
    """The rejects of a task as zstd-compressed JSON lines; created with the first reject."""

    def __init__(self, root: Path, name: str) -> None:
        self.path = root / REJECTS / f"{name}.jsonl.zst{TEMPORARY}"
        self.count = 0
        self._stream: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            with wrap_os_errors(self.path):
                self._stream.close()

    def write(self, reject: Reject) -> None:
        """Append a reject. Raises StorageFailed."""
        with wrap_os_errors(self.path):
            if self._stream is None:
                self._stream = zstd.ZstdFile(self.path, "wb")
            self._stream.write(dump(_describe(reject), "backslashreplace") + b"\n")
        self.count += 1


def join_rejects(root: Path, name: str, staged: Iterable[Path]) -> str | None:
    """Concatenate the tasks' rejects to a staged file, `rejects/<name>.jsonl.zst`.

    Returns its path in the archive, or None if there are no rejects. Raises StorageFailed.
    """
    pieces = list(staged)
    if not pieces:
        return None
    path = f"{REJECTS}/{name}.jsonl.zst"
    joined = root / f"{path}{TEMPORARY}"
    with wrap_os_errors(joined), joined.open("wb") as target:
        for piece in pieces:
            with piece.open("rb") as stream:
                shutil.copyfileobj(stream, target)
            piece.unlink()
    sync_file(joined)
    return path


def _describe(reject: Reject) -> dict[str, Any]:
    place: SourceLocation = reject.place
    described: dict[str, Any] = {
        "source": place.source,
        "member": place.member,
        "line": place.line,
        "offset": place.offset,
        "reason": reject.reason,
        "size": reject.size,
    }
    try:
        described["raw"] = reject.raw.decode()
    except UnicodeDecodeError:
        described["raw_base64"] = base64.b64encode(reject.raw).decode()
    return described
