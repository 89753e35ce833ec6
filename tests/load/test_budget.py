"""What one source may cost across all layers; the rest of it is rejected, others are read."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import archive
from archive.exports.limits import Limits
from tests.builders import make_event

EVENT = json.dumps(make_event()).encode() + b"\n"


def pack_zip(*members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as bundle:
        for number, member in enumerate(members):
            bundle.writestr(f"{number}.json", member)
    return packed.getvalue()


def pack_tar(*members: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as bundle:
        for number, member in enumerate(members):
            info = tarfile.TarInfo(f"{number}.json")
            info.size = len(member)
            bundle.addfile(info, io.BytesIO(member))
    return packed.getvalue()


Pack = Callable[..., bytes]


@pytest.mark.parametrize("pack", [pack_zip, pack_tar])
@pytest.mark.parametrize("inner", [pack_zip, pack_tar])
def test_members(empty: archive.Archive, tmp_path: Path, pack: Pack, inner: Pack) -> None:
    nested = inner(*[b""] * 20)
    (tmp_path / "bomb").write_bytes(pack(EVENT, *[nested] * 20))
    report = empty.load(tmp_path / "bomb", limits=Limits(members=50))
    assert report.stored == 1
    assert report.read == report.accounted <= 52
    assert report.reject_samples[-1].reason == "the source has more than 50 files"


def test_expanded_bytes(empty: archive.Archive, tmp_path: Path) -> None:
    """Each layer is within the ratio; together they are not."""
    bomb = EVENT + b" " * (4 << 20)
    for _ in range(3):
        bomb = gzip.compress(bomb)
    (tmp_path / "bomb").write_bytes(bomb)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("archive.exports.budget.RATIO_FLOOR", 2 << 20)
        report = empty.load(tmp_path / "bomb")
    assert (report.stored, report.rejected) == (1, 1)
    assert report.reject_samples[0].reason == "the source expands more than 1,000-fold"


def test_rejects(empty: archive.Archive, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"{}\n" * 100 + EVENT)
    (tmp_path / "good").write_bytes(EVENT)
    report = empty.load(tmp_path, limits=Limits(rejects=10))
    assert (report.stored, report.rejected) == (1, 11)
    last = report.reject_samples[-1]
    assert last.reason == "more than 10 rejects per 10,000,000 bytes: the rest is not read"
    assert last.place.endswith("bad, line 10, byte 27")


def test_time(empty: archive.Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1_000_000, 100))
    monkeypatch.setattr("archive.exports.budget.time.thread_time", lambda: next(clock))
    (tmp_path / "slow").write_bytes(pack_zip(*[EVENT] * 50))
    report = empty.load(tmp_path / "slow", limits=Limits(seconds=1_000))
    assert report.read == report.accounted < 20
    assert report.reject_samples[-1].reason == "more than 1,000 s per 100,000,000 bytes"
