"""Disks that are full or read-only, and sources that vanish or change: exit 6, or a reject."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import archive
from archive.errors import ExitCode
from tests.builders import EXPORTS, PROJECT, make_event
from tests.faults.conftest import Count

MOUNT, UNMOUNT = shutil.which("mount"), shutil.which("umount")


def _load(root: Path, source: Path, largest_file: int | None = None) -> tuple[int, str]:
    def limit() -> None:
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    ran = subprocess.run(
        [sys.executable, "-m", "archive", "-a", root, "load", "--workers", "1", source],
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": "/tmp"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=limit,
        check=False,
        text=True,
    )
    return ran.returncode, ran.stderr


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = [MOUNT or "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if not (MOUNT and UNMOUNT) or subprocess.run(mount, check=False).returncode:
        pytest.skip("cannot mount a tmpfs")
    yield place
    subprocess.run([UNMOUNT, "--lazy", str(place)], check=True)  # readers may linger


@pytest.fixture
def large_source(tmp_path: Path) -> Path:
    """Two MB that do not compress."""
    source = tmp_path / "large.ndjson"
    events = (make_event(n, message=os.urandom(20_000).hex()) for n in range(100, 150))
    source.write_text("".join(json.dumps(event) + "\n" for event in events))
    return source


def test_full_disk(small_disk: Path, tmp_path: Path, large_source: Path, count: Count) -> None:
    """Filled further and further: exit 6, unchanged; with space again, it works."""
    events = archive.open(small_disk / "archive")
    events.load(EXPORTS / "eventids")
    before = events.verify()
    ballast = small_disk / "ballast"
    full = 0
    for free in range(0, 1 << 20, 100_000):
        taken = os.statvfs(small_disk)
        ballast.write_bytes(b"x" * max(0, taken.f_bavail * taken.f_frsize - free))
        code, said = _load(events.path, large_source)
        assert code == ExitCode.STORAGE, said
        assert "No space left on device" in said
        ballast.unlink()
        assert events.verify() == before
        full += 1
    events.load(EXPORTS / "issue-6014420117-events-full.json")
    assert events.verify().ok
    count("full disks survived", full)


@pytest.mark.parametrize("largest", [0, 10, 1_000, 100_000, 900_000])
def test_files_must_not_grow(
    tmp_path: Path, large_source: Path, count: Count, largest: int
) -> None:
    events = archive.open(tmp_path / "archive")
    events.load(EXPORTS / "eventids")
    before = events.verify()
    code, said = _load(events.path, large_source, largest)
    assert code == ExitCode.STORAGE
    assert "File too large" in said
    assert events.verify() == before
    assert _load(events.path, large_source)[0] == ExitCode.OK
    count("full disks survived", 1)


def test_read_only_file_system(small_disk: Path, count: Count) -> None:
    """Mounted read-only, for root may write wherever permissions forbid it."""
    events = archive.open(small_disk / "archive")
    source = EXPORTS / "eventids"
    events.load(source)
    before = events.verify()
    assert MOUNT
    subprocess.run([MOUNT, "-o", "remount,ro", small_disk], check=True)
    code, said = _load(events.path, EXPORTS / "issue-6014420117-events-full.json")
    assert (code, "Read-only file system" in said) == (ExitCode.STORAGE, True), said
    assert events.verify() == before
    assert events.resolve(next(source.iterdir()).stem).body
    subprocess.run([MOUNT, "-o", "remount,rw", small_disk], check=True)
    assert _load(events.path, EXPORTS / "issue-6014420117-events-full.json")[0] == ExitCode.OK
    count("read-only file systems survived", 1)
