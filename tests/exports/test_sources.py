"""Sources: which files are read, in which order, each once."""

from __future__ import annotations

import io
import os
import socket
import sys
from pathlib import Path

import pytest

from archive.errors import SourceNotFound
from archive.exports.slices import Slice, read_slice
from archive.exports.sources import CHUNK, Source, find_sources

FILES = (
    "b.json",
    "a.json",
    ".hidden.json",
    "sub/c.ndjson.gz",
    "sub/deeper/d",
    "sub/.git/config",
    "an-archive/archive.json",
    "an-archive/manifest/00000001.json",
    "an-archive/events/1-1.parquet",
    "no-archive/archive.json",
    "z[1].json",
)


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in FILES:
        path = tmp_path / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "e.json").write_text("e")
    (tmp_path / "exports" / "link-to-directory").symlink_to(outside)
    (tmp_path / "exports" / "link-to-file").symlink_to(outside / "e.json")
    (tmp_path / "exports" / "link-to-nothing").symlink_to(outside / "nothing")
    (tmp_path / "exports" / "link-to-device").symlink_to("/dev/zero")
    (tmp_path / "exports" / "link-to-itself").symlink_to("link-to-itself")
    (tmp_path / "exports" / "link-above").symlink_to("..")
    os.mkfifo(tmp_path / "exports" / "pipe")
    monkeypatch.chdir(tmp_path / "exports")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("unix-socket")
    return tmp_path


WALKED = [
    "a.json",
    "b.json",
    "z[1].json",
    "no-archive/archive.json",
    "sub/c.ndjson.gz",
    "sub/deeper/d",
]


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        pytest.param([], [], id="nothing"),
        pytest.param(["b.json", "a.json"], ["b.json", "a.json"], id="files, in their order"),
        pytest.param(["."], WALKED, id="directory"),
        pytest.param(["sub/"], ["sub/c.ndjson.gz", "sub/deeper/d"], id="directory with a slash"),
        pytest.param([".hidden.json"], [".hidden.json"], id="hidden file that is named"),
        pytest.param(["sub/.git"], ["sub/.git/config"], id="hidden directory that is named"),
        pytest.param(["an-archive"], [], id="an archive"),
        pytest.param(["an-archive/archive.json"], ["an-archive/archive.json"], id="in an archive"),
        pytest.param(["link-to-directory"], ["link-to-directory/e.json"], id="link that is named"),
        pytest.param(["*.json"], ["a.json", "b.json", "z[1].json"], id="glob"),
        pytest.param(["z[1].json"], ["z[1].json"], id="file that looks like a glob"),
        pytest.param(["**/*.gz"], ["sub/c.ndjson.gz"], id="recursive glob"),
        pytest.param(["s*"], ["sub/c.ndjson.gz", "sub/deeper/d"], id="glob for a directory"),
        pytest.param(["link-to-[fn]*"], ["link-to-file"], id="glob for a link to nothing"),
        pytest.param(["[pu]*[et]"], [], id="glob for a pipe and a socket"),
        pytest.param(["**/link-*/e.json"], ["link-to-directory/e.json"], id="link in a glob"),
        pytest.param(["su*/**"], ["sub/c.ndjson.gz", "sub/deeper/d"], id="glob that ends in **"),
        pytest.param(["-"], ["-"], id="standard input"),
        pytest.param(["a.json", "-", "-"], ["a.json", "-"], id="standard input once"),
        pytest.param(
            ["a.json", "./a.json", "*.json"], ["a.json", "b.json", "z[1].json"], id="once"
        ),
        pytest.param(["link-to-file", "../outside"], ["link-to-file"], id="once through a link"),
    ],
)
def test_find_sources(paths: list[str], expected: list[str], tree: Path) -> None:
    found = find_sources(paths).sources
    assert [os.path.normpath(source.path) for source in found] == expected


def test_links_out_of_a_directory_are_followed_on_request(tree: Path) -> None:
    Path("link-inside").symlink_to("sub/deeper/d.json")
    Path("sub/deeper/d.json").write_text("d")
    kept = {Path(source.path).name for source in find_sources(["."]).sources}
    followed = {Path(source.path).name for source in find_sources(["."], True).sources}
    assert "link-inside" in kept
    assert followed - kept == {"link-to-file"}


@pytest.mark.parametrize("path", ["", "nothing", "*.csv", "link-to-nothing", "a.json/x"])
def test_what_is_not_there(path: str, tree: Path) -> None:
    with pytest.raises(SourceNotFound, match="no such file or directory"):
        find_sources(["a.json", path])


def test_a_source_has_the_path_as_given_and_its_size(tree: Path) -> None:
    path = tree / "exports" / "sub"
    assert find_sources([path, "a.json", "-"]).sources == [
        Source(f"{path}/c.ndjson.gz", 15),
        Source(f"{path}/deeper/d", 12),
        Source("a.json", 6),
        Source("-", 0),
    ]


def test_what_was_left_alone_is_counted(tree: Path) -> None:
    assert find_sources([Path(), "sub"]).ignored == {
        "archive": 1,
        "hidden file": 3,
        "link to a directory": 2,
        "link to a file outside": 1,
        "special file or broken link": 5,
    }


@pytest.mark.parametrize("size", [0, 1, CHUNK, 2 * CHUNK + 1])
@pytest.mark.parametrize("from_stdin", [False, True], ids=["file", "standard input"])
def test_read_slice(
    size: int, from_stdin: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = (b"\r\n\xff\x1a\0" * (size // 5 + 1))[:size]
    path = tmp_path / "file"
    path.write_bytes(data)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    seen: list[bytes] = []
    chunks = list(read_slice(Slice(Source("-" if from_stdin else str(path))), seen.append))
    assert b"".join(chunks) == data
    assert all(0 < len(chunk) <= CHUNK for chunk in chunks)
    assert seen == chunks
