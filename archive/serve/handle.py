"""The current state of an archive: each request sees one commit, and new commits at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from archive.api import Archive
from archive.errors import EventNotFound
from archive.query.bounds import Bounds

BOUNDS = Bounds(max_spill="10GB")
WARMUP_ID = "0" * 32


@dataclass(slots=True, eq=False)
class _State:
    """An open archive and the number of requests that use it."""

    archive: Archive
    uses: int = 0
    is_old: bool = False


class ArchiveHandle:
    """An archive that other processes write to.

    Requests share one open archive. After a commit, the next request opens the new state; running
    requests keep the old one, which is closed with its last request.
    """

    def __init__(self, path: str | Path, bounds: Bounds = BOUNDS) -> None:
        """bounds: of queries. Raises InvalidParameter, NoArchive, NewerArchive, DamagedArchive."""
        self._path, self._bounds = path, bounds
        self._guard, self._opening = Lock(), Lock()
        self._state = _State(_open(path, bounds))

    @contextmanager
    def use(self) -> Iterator[Archive]:
        """Yield the current archive for one request. Raises NewerArchive, DamagedArchive."""
        if not self._state.archive.is_current():
            self._refresh()
        with self._guard:
            state = self._state
            state.uses += 1
        try:
            yield state.archive
        finally:
            with self._guard:
                state.uses -= 1
                is_unused = state.is_old and not state.uses
            if is_unused:
                state.archive.close()

    def _refresh(self) -> None:
        if not self._opening.acquire(blocking=False):  # another request is refreshing
            return
        try:
            if self._state.archive.is_current():
                return
            fresh = _State(_open(self._path, self._bounds))
            with self._guard:
                before, self._state = self._state, fresh
                before.is_old = True
                is_unused = not before.uses
            if is_unused:
                before.archive.close()
        finally:
            self._opening.release()

    def close(self) -> None:
        self._state.archive.close()


def _open(path: str | Path, bounds: Bounds) -> Archive:
    """Open an archive and query it once, so that the first request is not slow."""
    archive = Archive(path, bounds)
    archive.list_projects()
    with suppress(EventNotFound):
        archive.resolve(WARMUP_ID)
    return archive
