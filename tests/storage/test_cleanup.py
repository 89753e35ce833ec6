"""Old manifests are kept by age and size, and at least two of them."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from archive.storage import cleanup
from archive.storage.cleanup import clean_up
from archive.storage.manifest import Manifest, list_manifests, write_next
from archive.storage.state import read_newest

DAY = 86_400

KEPT = {
    "young ones": ({}, 2 * DAY, 12),
    "a day each": ({"KEPT_SECONDS": 5.5 * DAY}, DAY, 6),
    "old ones": ({}, 100 * DAY, 2),
    "large ones": ({"KEPT_BYTES": 1}, DAY, 2),
    "many": ({"KEPT_MOST": 4}, DAY, 4),
    "those of the last hour": ({"KEPT_MOST": 4}, 500, 8),
}


@pytest.mark.parametrize(("bounds", "apart", "kept"), KEPT.values(), ids=KEPT)
def test_old_manifests_go(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bounds: dict[str, int],
    apart: int,
    kept: int,
) -> None:
    (tmp_path / "manifest").mkdir()
    state: Manifest | None = Manifest()
    for _ in range(12):
        assert state
        state = write_next(tmp_path, state, state)
    for age, path in enumerate(reversed(list_manifests(tmp_path))):
        written = time.time() - age * apart
        os.utime(path, (written, written))
    for name, bound in bounds.items():
        monkeypatch.setattr(cleanup, name, bound)
    clean_up(tmp_path, read_newest(tmp_path))
    left = list_manifests(tmp_path)
    assert [int(path.stem) for path in left] == [*range(13 - kept, 13)]
