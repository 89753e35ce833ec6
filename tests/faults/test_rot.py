"""Bytes that change on the disk: each change is found and named, and no answer is ever wrong."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import archive
from archive.errors import DamagedArchive
from archive.maintenance.verify import Verification
from archive.storage.state import read_newest
from tests.builders import EXPORTS, make_event, write_json
from tests.faults.conftest import Count

FLIPS = 1_000
KINDS = ("events", "frames", "frame_counts", "tags", "payloads", "index", "loads", "sources")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    place = tmp_path_factory.mktemp("healthy")
    events = archive.open(place / "archive")
    events.load(EXPORTS / "eventids", EXPORTS / "issue-6014420117-events-full.json")
    events.load(write_json(place / "more.json", [make_event(n) for n in (1, 2, 3)]))
    return events


@pytest.fixture
def copy(healthy: archive.Archive, tmp_path: Path) -> Path:
    return Path(shutil.copytree(healthy.path, tmp_path / "copy"))


@pytest.fixture
def answers(healthy: archive.Archive) -> dict[str, bytes]:
    """The right answer to every ID."""
    rows = healthy.sql("SELECT event_id FROM events")
    return {event_id: healthy.resolve(event_id).body for (event_id,) in rows}


def _list_files(root: Path) -> list[Path]:
    """The current files: not those that a commit replaced."""
    live = [root / part.path for part in read_newest(root).parts]
    return [root / "archive.json", *sorted((root / "manifest").iterdir()), *live]


def _find(root: Path, path: Path) -> bool:
    """Whether a damage is found: `verify --data` names the file and a remedy, or nothing opens."""
    try:
        found: Verification = archive.open(root).verify()
    except DamagedArchive as error:
        return str(path) in str(error)
    named = [problem for problem in found.problems if problem.path == str(path)]
    return bool(named) and all(problem.reason and problem.remedy for problem in named)


def _ask(root: Path, answers: dict[str, bytes]) -> int:
    """Ask for every event and one that is not there; gives how many answers were exit 4."""
    refused = 0
    with archive.open(root) as events:
        for event_id, right in answers.items():
            try:
                assert events.resolve(event_id).body == right
            except DamagedArchive:
                refused += 1
    return refused


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bits(copy: Path, answers: dict[str, bytes], count: Count, seed: int) -> None:
    pick = random.Random(seed)
    refused = 0
    for _ in range(FLIPS // 4):
        path = pick.choice(_list_files(copy))
        good = path.read_bytes()
        bad = bytearray(good)
        at = pick.randrange(len(bad))
        bad[at] ^= 1 << pick.randrange(8)
        path.write_bytes(bad)
        assert _find(copy, path), f"{path}, byte {at}"
        refused += _ask(copy, answers)
        path.write_bytes(good)
    count("bits flipped and found", FLIPS // 4)
    count("answers right or refused while a bit was flipped", FLIPS // 4 * len(answers))
    count("of these refused", refused)


def test_truncations(copy: Path, answers: dict[str, bytes], count: Count) -> None:
    pick = random.Random(5)
    for _ in range(50):
        path = pick.choice(_list_files(copy))
        good = path.read_bytes()
        path.write_bytes(good[: pick.randrange(len(good))])
        assert _find(copy, path), path
        _ask(copy, answers)
        path.write_bytes(good)
    count("truncations found", 50)


def _delete(path: Path, other: Path) -> None:
    path.unlink()


def _empty(path: Path, other: Path) -> None:
    path.write_bytes(b"")


def _duplicate(path: Path, other: Path) -> None:
    path.write_bytes(other.read_bytes())


def _swap(path: Path, other: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(other.read_bytes())
    other.write_bytes(data)


@pytest.mark.parametrize("damage", [_delete, _empty, _duplicate, _swap])
@pytest.mark.parametrize("kind", KINDS)
def test_whole_files(
    copy: Path,
    answers: dict[str, bytes],
    count: Count,
    kind: str,
    damage: Callable[[Path, Path], None],
) -> None:
    one = next(path for path in _list_files(copy) if path.parent.name == kind)
    two = next(path for path in sorted((copy / kind).iterdir()) if path != one)
    damage(one, two)
    assert _find(copy, one)
    found = archive.open(copy).verify(data=False)
    assert damage is _swap or not found.ok or one.stat().st_size == two.stat().st_size
    _ask(copy, answers)
    count("whole files deleted, emptied, swapped or copied over, found", 1)


@pytest.mark.parametrize("data", [False, True])
def test_an_older_manifest(copy: Path, count: Count, data: bool) -> None:
    """The newest manifest is gone: the archive looks like an older one, but for the parts."""
    max((copy / "manifest").iterdir()).unlink()
    problems = archive.open(copy).verify(data=data).problems
    assert problems
    assert all("whose manifest is missing" in problem.reason for problem in problems)
    assert all("restore manifest/" in problem.remedy for problem in problems)
    count("older manifests found", 1)
