"""Write rejected records to a file, with their location, the reason and their exact bytes."""

from __future__ import annotations

import base64
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from archive.exports.records import Reject, SourceLocation
from archive.jsontext import dump
from archive.storage.durable import wrap_os_errors
from archive.storage.manifest import PartFile, name_rejects
from archive.storage.staging import measure_staged, prepare_staged, remove_staged, staged_path

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


class RejectFile:
    """The rejects of a task as zstd-compressed JSON lines; created with the first reject."""

    def __init__(self, root: Path, name: str) -> None:
        self._root, self._part = root, name_rejects(name)
        self._count = 0
        self._stream: Any = None

    @property
    def part(self) -> PartFile | None:
        """The staged file; None if there were no rejects."""
        return replace(self._part, rows=self._count) if self._count else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._stream is not None:
            with wrap_os_errors(staged_path(self._root, self._part)):
                self._stream.close()

    def write(self, reject: Reject) -> None:
        """Append a reject. Raises StorageFailed."""
        with wrap_os_errors(staged_path(self._root, self._part)):
            if self._stream is None:
                self._stream = zstd.ZstdFile(prepare_staged(self._root, self._part), "wb")
            self._stream.write(dump(_describe(reject), "backslashreplace") + b"\n")
        self._count += 1


def join_rejects(root: Path, name: str, staged: Sequence[PartFile]) -> list[PartFile]:
    """Concatenate the tasks' rejects to one staged file, if there are any. Raises StorageFailed."""
    if not staged:
        return []
    joined = name_rejects(name, rows=sum(part.rows for part in staged))
    with wrap_os_errors(staged_path(root, joined)):
        with prepare_staged(root, joined).open("wb") as target:
            for part in staged:
                with staged_path(root, part).open("rb") as stream:
                    shutil.copyfileobj(stream, target)
        remove_staged(root, staged)
        return [measure_staged(root, joined)]


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
