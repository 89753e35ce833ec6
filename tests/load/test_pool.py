"""Loading with several processes: the same archive, whatever their number."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import TooManyRejects, WorkerDied
from archive.exports.source_hash import BLOCK
from archive.load import plan, pool
from archive.load.task import TaskResult
from tests.builders import EXPORTS, make_event


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "TASK_BYTES", 20_000)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """60 events in several blocks, a line each, and a line in the midst of them that is none."""
    filler = " " * (BLOCK // 20)
    texts = [json.dumps(make_event(number))[:-1] + filler + "}" for number in range(1, 61)]
    path = tmp_path / "lines.ndjson"
    path.write_text("\n".join([*texts[:50], '{"no": "event"}', *texts[50:]]) + "\n")
    return path


@pytest.mark.usefixtures("small_tasks")
def test_the_number_of_workers_does_not_matter(tmp_path: Path, lines: Path) -> None:
    contents: set[str | None] = set()
    reports: list[tuple[Any, ...]] = []
    for workers in (1, 2):
        events = archive.open(tmp_path / f"archive-{workers}")
        report = events.load(EXPORTS / "eventids", lines, workers=workers)
        contents.add(events.verify().content)
        reports.append((report.read, report.stored, report.updated, report.duplicate))
        reports.append(tuple(report.reject_samples))
        sources = events.sql("SELECT path, size, sha256, read FROM sources ORDER BY ALL")
        reports.append(tuple(sources))
        reports.append(tuple(events.sql("SELECT event_key, event_id FROM events ORDER BY ALL")))
        assert f"{lines}, line 51, byte" in " ".join(fault.place for fault in report.reject_samples)
    assert len(contents) == 1
    assert reports[:4] == reports[4:]


@pytest.mark.usefixtures("small_tasks")
def test_a_sliced_source_is_known_again(tmp_path: Path, lines: Path) -> None:
    events = archive.open(tmp_path / "archive")
    events.load(lines)
    assert events.load(lines).known_sources == 1


@pytest.mark.usefixtures("small_tasks")
@pytest.mark.parametrize("bound", [0, 1])
def test_rejects_are_bounded_over_all_workers(tmp_path: Path, bound: int) -> None:
    source = tmp_path / "files"
    source.mkdir()
    for number in range(8):
        (source / f"{number}.json").write_text(json.dumps({"no": "event", "x": "x" * 9_000}))
    with pytest.raises(TooManyRejects, match="not an event"):
        archive.open(tmp_path / "archive").load(source, workers=2, max_rejects=bound)


@pytest.mark.slow
@pytest.mark.usefixtures("small_tasks")
def test_a_worker_that_dies_is_reported(
    tmp_path: Path, lines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_work", _die)
    monkeypatch.setattr(pool, "_claim", lambda claims, number: False)  # in this process
    with pytest.raises(WorkerDied, match="--workers 1"):
        archive.open(tmp_path / "archive").load(lines, workers=2)
    monkeypatch.undo()
    assert archive.open(tmp_path / "archive").load(lines).stored == 60


def _die(*arguments: Any) -> TaskResult:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


@pytest.mark.parametrize(
    "error",
    [TooManyRejects(place="a", reason="b"), WorkerDied()],
    ids=lambda error: type(error).__name__,
)
def test_errors_travel(error: archive.ArchiveError) -> None:
    import pickle

    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
