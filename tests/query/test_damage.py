"""A query over a damaged part is damage: in processes of any age, and never a wrong query."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import DamagedArchive, InvalidQuery
from archive.storage import checksums
from archive.storage.manifest import write_next
from archive.storage.state import read_newest
from tests.builders import make_event, write_json

QUERY = "SELECT title, level, event_id FROM events ORDER BY ALL"


@pytest.fixture
def events(empty: archive.Archive, tmp_path: Path) -> archive.Archive:
    """An archive that has answered a query."""
    empty.load(write_json(tmp_path / "source.json", [make_event(1), make_event(2)]))
    list(empty.sql(QUERY))
    return empty


def _flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 0x04
    path.write_bytes(data)


def _exchange(path: Path) -> None:
    """Put another file in its place, with the same size and time."""
    before = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes())
    _flip(other, before.st_size // 2)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


CHANGES: dict[str, Callable[[Path], object]] = {
    "changed": lambda path: _flip(path, path.stat().st_size // 2),
    "exchanged": _exchange,
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "removed": Path.unlink,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_later_damage_is_found(events: archive.Archive, change: Callable[[Path], object]) -> None:
    """And a part that was restored is read again, and a wrong query then is one."""
    (part,) = events.files("events")
    data, before = part.read_bytes(), list(events.sql(QUERY))
    change(part)
    for _ in range(2):
        with pytest.raises(DamagedArchive, match=part.name):
            list(events.sql(QUERY))
    part.write_bytes(data)
    assert list(events.sql(QUERY)) == before
    with pytest.raises(InvalidQuery, match="nowhere"):
        events.sql("SELECT nowhere FROM tags")


def test_damage_without_a_trace_is_found_within_the_hour(
    events: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    (part,) = events.files("events")
    before = part.stat()
    _flip(part, before.st_size // 2)
    os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))
    monkeypatch.setattr(checksums, "CHECKED_SECONDS", -1)
    with pytest.raises(DamagedArchive, match=part.name):
        list(events.sql(QUERY))


def test_a_part_that_did_not_change_is_not_read_as_a_whole_again(
    events: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checksums, "hash_file", lambda path: pytest.fail(str(path)))
    list(events.sql(QUERY))


def test_a_disk_that_fails_meanwhile_is_damage(
    events: archive.Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: Any) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(DamagedArchive, match=os.strerror(errno.EIO)):
        list(events.sql("SELECT count(DISTINCT release) FROM events"))


@pytest.mark.parametrize("name", [b"title", b"organization_given", b"event_key", b"PAR1"])
def test_a_damaged_footer_is_no_wrong_query(events: archive.Archive, name: bytes) -> None:
    """Even where it names the columns."""
    (part,) = events.files("events")
    _flip(part, part.read_bytes().rindex(name))
    with archive.open(events.path) as opened, pytest.raises(DamagedArchive, match=part.name):
        list(opened.sql(QUERY))


@pytest.mark.parametrize("table", ["events", "frames", "frame_counts", "tags", "payloads"])
def test_a_manifest_without_a_table_is_damage(events: archive.Archive, table: str) -> None:
    """An archive of a development version of the format had reports without rows."""
    manifest = read_newest(events.path)
    parts = tuple(part for part in manifest.parts if part.table != table)
    write_next(events.path, manifest, replace(manifest, parts=parts))
    events.refresh()
    with pytest.raises(DamagedArchive, match="the manifest does not list it"):
        list(events.report("top-frames"))
