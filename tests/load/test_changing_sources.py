"""Sources that vanish or change while they are read: reported, and read again by the next load."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import archive
from archive.exports import slices
from archive.load import plan, task
from tests.builders import make_event


def _line(number: int) -> str:
    return json.dumps(make_event(number)) + "\n"


def _grow(path: Path) -> None:
    with path.open("a") as stream:
        stream.write(_line(99))


def _rewrite(path: Path) -> None:
    path.write_text(path.read_text().replace("ValueError", "ValueErrer"))


def _replace(path: Path) -> None:
    path.unlink()
    path.write_text(_line(98))


CHANGES: dict[str, Callable[[Path], None]] = {
    "grows": _grow,
    "is rewritten": _rewrite,
    "is replaced": _replace,
    "vanishes": Path.unlink,
}


@pytest.mark.parametrize("task_bytes", [5_000, 64 << 20], ids=["in slices", "whole"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_source_that_changes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Path], None],
    task_bytes: int,
) -> None:
    monkeypatch.setattr(plan, "TASK_BYTES", task_bytes)
    monkeypatch.setattr(slices, "BLOCK", 1)
    source = tmp_path / "lines.ndjson"
    source.write_text("".join(map(_line, range(1, 13))))
    events = archive.open(tmp_path / "archive")
    read_slice = slices.read_slice

    def read(piece: slices.Slice, seen: Callable[[bytes], None]) -> Iterator[bytes]:
        yield from read_slice(piece, seen)
        if piece.stop is None:
            change(source)

    with monkeypatch.context() as patch:
        patch.setattr(task, "read_slice", read)
        report = events.load(source)
    assert report.stored == 12
    assert "changed while it was read" in report.reject_samples[-1].reason
    assert events.verify().ok
    source.write_text("".join(map(_line, [*range(1, 13), 99])))
    again = events.load(source)
    assert (again.known_sources, again.stored, again.rejected) == (0, 1, 0)


def test_a_source_that_is_gone_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [tmp_path / "1.json", tmp_path / "2.json"]
    for number, source in enumerate(sources):
        source.write_text(_line(number + 1))
    plan_tasks = plan.plan_tasks

    def remove_and_plan(*arguments: object) -> Iterator[plan.Task]:
        sources[0].unlink()
        yield from plan_tasks(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("archive.load.plan_tasks", remove_and_plan)
    report = archive.open(tmp_path / "archive").load(*sources)
    assert (report.stored, report.rejected) == (1, 1)
    assert "cannot be read: No such file" in report.reject_samples[0].reason
