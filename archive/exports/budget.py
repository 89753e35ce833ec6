"""The budget of one source, across all its layers of compression, zips and tars."""

from __future__ import annotations

import time
from collections.abc import Iterator

from archive.exports.limits import Limits

RATIO_FLOOR = 64 << 20  # bytes of output below which any ratio is allowed
REJECTS_BYTES = 10_000_000
SECONDS_BYTES = 100_000_000


class SourceFault(Exception):
    """The rest of a source cannot be read; the text says why."""


class Budget:
    """Counts what a source costs. Once a limit is reached, `spent` says which.

    is_cut: whether the stream that reached it ends there, with a SourceFault.
    Time is that of this thread's CPU: waiting for a slow pipe costs nothing.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.spent: str | None = None
        self.is_cut = False
        self._taken = self._given = self._members = self._rejects = 0
        self._started = time.thread_time()

    def take(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks of the source itself; the more, the larger its budget."""
        for chunk in chunks:
            self._taken += len(chunk)
            self._check()
            yield chunk

    def expand(self, size: int) -> None:
        """Count bytes that any layer expands to. Raises SourceFault."""
        self._given += size
        limits = self.limits
        if self._given > RATIO_FLOOR and self._given > self._taken * limits.ratio:
            self._stop(f"the source expands more than {limits.ratio:,}-fold")
        if self._given > limits.source_bytes:
            self._stop(f"the source expands to more than {limits.source_bytes:,} bytes")
        self._check()

    def enter_members(self, count: int = 1) -> None:
        """Count the members of a zip or tar. Raises SourceFault."""
        self._members += count
        if self._members > self.limits.members:
            self._stop(f"the source has more than {self.limits.members:,} files")
        self._check()

    def reject(self) -> None:
        """Count a reject, and note whether there are too many, or have taken too long."""
        self._rejects += 1
        begun = 1 + (self._taken + self._given) // REJECTS_BYTES
        if self._rejects >= self.limits.rejects * begun:
            self.spent = f"more than {self.limits.rejects:,} rejects per {REJECTS_BYTES:,} bytes"
        self._check_time()

    def _check_time(self) -> None:
        used = time.thread_time() - self._started
        if used > self.limits.seconds * (1 + self._taken // SECONDS_BYTES):
            self.spent = f"more than {self.limits.seconds:,} s per {SECONDS_BYTES:,} bytes"

    def _check(self) -> None:
        self._check_time()
        if self.spent:
            self._stop(self.spent)

    def _stop(self, reason: str) -> None:
        self.spent, self.is_cut = reason, True
        raise SourceFault(reason)
