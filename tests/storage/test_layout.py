"""What is removed and opened is inside the archive, and only its owner may read what it creates."""

from __future__ import annotations

import ast
import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import DamagedArchive, StorageFailed
from archive.storage.manifest import list_manifests
from tests.builders import Run, make_event, write_json

PATHS = ["../victim", "{root}/../victim", "manifest/00000001.json", "archive.json", "events/victim"]


@pytest.fixture
def stored(empty: archive.Archive, tmp_path: Path) -> archive.Archive:
    empty.load(write_json(tmp_path / "source.json", [make_event(), None]))
    return empty


def _snapshot(place: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ["x", "00000001-abcd", "../x", "00000099-abcd"])
def test_a_journal_removes_nothing_else(
    stored: archive.Archive, tmp_path: Path, path: str, name: str
) -> None:
    (tmp_path / "victim").touch()
    (stored.path / "events" / "victim").touch()
    journal = stored.path / f"{name}.journal"
    journal.write_text(json.dumps([path.format(root=stored.path.absolute())]))
    before = _snapshot(tmp_path)
    stored.load(write_json(tmp_path / "next.json", make_event(2)))
    after = _snapshot(tmp_path)
    gone = before.keys() - after.keys() - {str(journal)}
    assert all("/loads/" in path or "/sources/" in path or "/index/" in path for path in gone)
    assert stored.verify().problems == []


@pytest.mark.parametrize("content", [b"", b"\xff{", b'["events'], ids=repr)
def test_a_damaged_journal_does_not_matter(
    stored: archive.Archive, tmp_path: Path, content: bytes
) -> None:
    """Its name says all that it has to say."""
    left = stored.path / "events" / "00000002-abcd-0001.parquet"
    left.touch()
    journal = stored.path / "00000002-abcd.journal"
    journal.write_bytes(content)
    assert any("did not finish" in note for note in stored.verify().notes)
    assert stored.load(write_json(tmp_path / "next.json", make_event(2))).stored == 1
    assert not left.exists()
    assert not journal.exists()


def _change_manifest(root: Path, **values: Any) -> None:
    path = list_manifests(root)[-1]
    body = json.dumps({**json.loads(path.read_text())["manifest"], **values}).encode()
    sha256 = hashlib.sha256(body).hexdigest().encode()
    path.write_bytes(b'{"sha256":"%b","manifest":%b}\n' % (sha256, body))


@pytest.mark.parametrize("path", PATHS)
def test_a_manifest_names_parts_only(stored: archive.Archive, tmp_path: Path, path: str) -> None:
    (tmp_path / "victim").touch()
    (stored.path / "events" / "victim").touch()
    path = path.format(root=stored.path.absolute())
    _change_manifest(stored.path, retired=[{"path": path, "since": "2020-01-01T00:00:00Z"}])
    before = _snapshot(tmp_path)
    with pytest.raises(DamagedArchive, match="is not the path of a part"):
        stored.load(tmp_path / "source.json", force=True)
    after = _snapshot(tmp_path)
    assert before == {path: after[path] for path in before}


@pytest.mark.parametrize("table", ["..", "../..", "/etc"])
def test_a_part_is_inside(stored: archive.Archive, table: str) -> None:
    _change_manifest(stored.path, parts={table: [["00000001-abcd-0001", 1, "", 1]]})
    with pytest.raises(DamagedArchive, match="is not the path of a part"):
        archive.open(stored.path).info()


@pytest.fixture
def _usual_mask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


MODES = {
    "new": (None, [], 0o700),
    "new, shared": (None, ["--shared"], 0o755),
    "in an open directory": (0o755, [], 0o755),
    "in a group's directory": (0o750, [], 0o750),
    "in a private directory, shared": (0o700, ["--shared"], 0o700),
}


@pytest.mark.usefixtures("_usual_mask")
@pytest.mark.parametrize("case", MODES.values(), ids=MODES)
def test_access(tmp_path: Path, run: Run, case: tuple[int | None, list[str], int]) -> None:
    existing, options, mode = case
    root = tmp_path / "archive"
    if existing is not None:
        root.mkdir(mode=existing)
    source = write_json(tmp_path / "source.json", [make_event(), None])
    for _ in range(2):
        assert run("-a", root, "load", *options, "--force", "--workers", "1", source).code == 3
    found = {path.stat().st_mode & 0o777 for path in root.rglob("*") if path.is_file()}
    directories = {
        path.stat().st_mode & 0o777 for path in (root, *root.rglob("*")) if path.is_dir()
    }
    assert directories == {mode}
    assert found == {mode & 0o666}


def test_only_storage_lists_and_changes_the_directories_of_an_archive() -> None:
    """Exports and the command line have other files; reports are those of users."""
    calls = {"glob", "rglob", "iterdir", "listdir", "scandir", "mkdir", "rmdir", "rmtree", "unlink",
             "rename", "chmod", "touch", "write_bytes", "write_text"}  # fmt: skip
    package = Path(archive.__file__).parent
    found = {
        f"{path.relative_to(package)}: {node.func.attr}"
        for path in package.rglob("*.py")
        if path.relative_to(package).parts[0] not in ("storage", "exports", "cli")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in calls
    }
    assert found == {"query/reports.py: glob"}


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(
    empty: archive.Archive, tmp_path: Path, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(file: Any, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", flock)
    with pytest.raises(StorageFailed, match="the file system has no locks"):
        empty.load(write_json(tmp_path / "source.json", make_event()))
