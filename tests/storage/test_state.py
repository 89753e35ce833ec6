"""The current state: never an older one, and never an empty one by accident."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import ArchiveError, DamagedArchive, StorageFailed
from archive.storage import state
from archive.storage.manifest import list_manifests
from archive.storage.state import is_newest, read_newest
from tests.builders import make_event, write_json


@pytest.fixture
def stored(empty: archive.Archive, tmp_path: Path) -> archive.Archive:
    """An archive of two loads."""
    for number in (1, 2):
        empty.load(write_json(tmp_path / f"{number}.json", make_event(number)))
    return empty


READS: dict[str, Callable[[archive.Archive], object]] = {
    "resolve": lambda events: events.resolve(f"{1:032x}"),
    "sql": lambda events: events.sql("SELECT count(*) FROM events"),
    "info": lambda events: events.info(),
    "compact": lambda events: events.compact(),
}
reads = pytest.mark.parametrize("read", READS.values(), ids=READS)


@reads
@pytest.mark.parametrize("code", [errno.EACCES, errno.EIO, errno.EMFILE, errno.ESTALE])
@pytest.mark.parametrize("name", ["manifest", "events"])
def test_a_directory_that_cannot_be_listed_is_an_error(
    stored: archive.Archive,
    monkeypatch: pytest.MonkeyPatch,
    read: Callable[[archive.Archive], object],
    code: int,
    name: str,
) -> None:
    def deny(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: Any = ".", *arguments: Any) -> Any:
            if Path(os.fsdecode(path)) == stored.path.absolute() / name:
                raise OSError(code, os.strerror(code), path)
            return real(path, *arguments)

        return call

    monkeypatch.setattr(os, "listdir", deny(os.listdir))
    monkeypatch.setattr(os, "scandir", deny(os.scandir))
    with pytest.raises(StorageFailed, match=os.strerror(code)):
        read(archive.open(stored.path))


def _lose_all(root: Path) -> None:
    for path in list_manifests(root):
        path.unlink()


LOSSES: dict[str, tuple[Callable[[Path], object], str]] = {
    "the directory": (lambda root: shutil.rmtree(root / "manifest"), "is missing; restore it"),
    "all": (_lose_all, "restore manifest/0000000[12].json"),
    "the newest": (
        lambda root: list_manifests(root)[-1].unlink(),
        "restore manifest/00000002.json",
    ),
}


@reads
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_missing_manifests_are_damage(
    stored: archive.Archive,
    read: Callable[[archive.Archive], object],
    loss: tuple[Callable[[Path], object], str],
) -> None:
    lose, said = loss
    lose(stored.path)
    with pytest.raises(DamagedArchive, match=said):
        read(archive.open(stored.path))


def test_a_commit_that_finishes_meanwhile_is_read(
    stored: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifests are listed before the parts."""
    listings = [list_manifests(stored.path)[:1]]
    monkeypatch.setattr(
        state, "list_manifests", lambda root: listings.pop() if listings else list_manifests(root)
    )
    assert read_newest(stored.path).number == 2


@pytest.mark.parametrize("is_removed", [False, True], ids=["unfinished", "removed meanwhile"])
def test_parts_of_a_commit_that_did_not_finish_do_not_matter(
    stored: archive.Archive, monkeypatch: pytest.MonkeyPatch, is_removed: bool
) -> None:
    part = next((stored.path / "events").glob("00000002-*"))
    list_manifests(stored.path)[-1].unlink()
    (stored.path / f"{part.name[:13]}.journal").touch()
    if is_removed:  # after the listing, by the next load: first the parts, then the journal
        monkeypatch.setattr(state, "list_unfinished", lambda root: set())
        monkeypatch.setattr(state, "exists", lambda path: False)
    assert read_newest(stored.path).number == 1


CHANGES: dict[str, tuple[Callable[[Path, Path], object], bool]] = {
    "none": (lambda root, other: None, True),
    "swapped for one with the same number": (
        lambda root, other: (root.rename(root.with_name("old")), other.rename(root)), False,
    ),
    "moved away": (lambda root, other: root.rename(root.with_name("old")), False),
    "copied": (
        lambda root, other: (
            shutil.copytree(root, root.with_name("copy")),
            root.rename(root.with_name("old")),
            root.with_name("copy").rename(root),
        ),
        True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_state_is_known_by_its_content(
    stored: archive.Archive, tmp_path: Path, change: tuple[Callable[[Path, Path], object], bool]
) -> None:
    other = archive.open(tmp_path / "other")
    for number in (3, 4):
        other.load(write_json(tmp_path / "source.json", make_event(number)))
    apply, is_same = change
    before = read_newest(stored.path)
    apply(stored.path, other.path)
    assert is_newest(stored.path, before) == is_same


def test_an_archive_without_its_mark_is_damaged(stored: archive.Archive) -> None:
    (stored.path / "archive.json").unlink()
    with pytest.raises(DamagedArchive, match=r"archive\.json: it is missing"):
        archive.open(stored.path).info()


def test_every_bit_of_the_mark_is_checked(stored: archive.Archive) -> None:
    mark = stored.path / "archive.json"
    text = mark.read_bytes()
    for bit in range(8 * len(text)):
        changed = bytearray(text)
        changed[bit // 8] ^= 1 << bit % 8
        mark.write_bytes(changed)
        try:
            assert archive.open(stored.path).number == 2
        except ArchiveError as error:
            assert type(error) is DamagedArchive
        else:
            assert b"".join(bytes(changed).split()) == b"".join(text.split())
