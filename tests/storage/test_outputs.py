"""A file that the user names is replaced as a whole; what is not a file is written through."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

import archive
from archive.storage.outputs import stage_output
from tests.builders import Run

WRITTEN = b"a\n1\n"


def _write(run: Run, sample: archive.Archive, path: Path) -> None:
    ran = run("-a", sample.path, "sql", "SELECT 1 AS a", "--format", "csv", "-o", path)
    assert ran == (0, b"", "")


def test_a_fifo(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    fifo, received = tmp_path / "fifo.csv", list[bytes]()
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: received.append(fifo.read_bytes()))
    reader.start()
    _write(run, sample, fifo)
    reader.join()
    assert received == [WRITTEN]
    assert fifo.is_fifo()


@pytest.mark.parametrize("before", [b"something longer", None], ids=["of a file", "of nothing"])
def test_a_link(sample: archive.Archive, run: Run, tmp_path: Path, before: bytes | None) -> None:
    target, link = tmp_path / "target", tmp_path / "link.csv"
    if before is not None:
        target.write_bytes(before)
    link.symlink_to(target)
    _write(run, sample, link)
    assert (link.is_symlink(), target.read_bytes()) == (True, WRITTEN)


def test_a_device(sample: archive.Archive, run: Run) -> None:
    _write(run, sample, Path(os.devnull))
    assert Path(os.devnull).is_char_device()


def test_a_file_keeps_its_mode(sample: archive.Archive, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.touch(mode=0o600)
    _write(run, sample, path)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (WRITTEN, 0o600)
    assert [*tmp_path.iterdir()] == [path]


def test_a_failure_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(KeyboardInterrupt), stage_output(path) as staged:
        staged.write_text("half")
        raise KeyboardInterrupt
    assert path.read_text() == "before"
    assert [*tmp_path.iterdir()] == [path]


def test_temporary_names_cannot_be_predicted(tmp_path: Path) -> None:
    """So that nobody can put a link there first."""
    names = set()
    for _ in range(2):
        with stage_output(tmp_path / "out.csv") as staged:
            names.add(staged)
            assert not staged.is_symlink()
    assert len(names) == 2
