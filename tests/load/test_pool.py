"""Loading with several processes: the same archive, whatever their number."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import archive
from archive.errors import OtherVersion, StorageFailed, TooManyRejects, WorkerDied
from archive.exports.source_hash import BLOCK
from archive.exports.sources import find_sources
from archive.load import plan, pool
from archive.load.task import TaskResult, load_task
from archive.storage.layout import make_directory
from archive.tables import parts
from archive.tables.registry import EVENT_TABLES, Layout
from archive.version import VERSION
from tests.builders import EXPORTS, make_event, write_json


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


@pytest.fixture
def task(tmp_path: Path, lines: Path) -> tuple[Path, plan.Task]:
    """The root of an archive, and a task to load events into it."""
    (task,) = plan.plan_tasks("00000001-abcd", find_sources([lines]).sources, plan.LoadOptions())
    return make_directory(tmp_path / "archive", VERSION), task


def test_attempts_share_no_file(task: tuple[Path, plan.Task]) -> None:
    root, planned = task
    first, second = load_task(root, planned), load_task(root, planned)
    assert len({*root.rglob("*.tmp")}) == 2 * (len(EVENT_TABLES) + 1)  # and the rejects
    assert first.parts[0].name != second.parts[0].name
    digests = [[part.sha256 for part in result.parts[0].parts] for result in (first, second)]
    assert digests[0] == digests[1]


def test_a_late_attempt_does_not_change_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It stops while it writes a part, and goes on after its task was repeated and committed."""
    source = write_json(tmp_path / "source.json", [make_event(number) for number in range(1, 9)])
    stopped, committed = threading.Event(), threading.Event()
    open_writer = parts._open_writer

    def stop(stream: Any, table: str, layout: Layout) -> Any:
        writer = open_writer(stream, table, layout)
        if threading.current_thread().name == "late" and table == "payloads":
            stopped.set()
            committed.wait()
        return writer

    def run_late(root: Path, task: plan.Task) -> None:
        with suppress(StorageFailed):  # the load that ended has removed its files
            load_task(root, task)

    def run_twice(root: Path, tasks: list[plan.Task], *_: Any) -> list[TaskResult]:
        late.append(threading.Thread(target=run_late, args=(root, tasks[0]), name="late"))
        late[0].start()
        stopped.wait()
        write_json(source, [make_event(number, title="changed") for number in range(1, 9)])
        return [load_task(root, task) for task in tasks]

    late: list[threading.Thread] = []
    monkeypatch.setattr(parts, "_open_writer", stop)
    monkeypatch.setattr("archive.load.run_tasks", run_twice)
    events = archive.open(tmp_path / "archive")
    events.load(source, force=True)
    committed.set()
    late[0].join()
    assert events.verify().problems == []
    assert {title for (title,) in events.sql("SELECT title FROM events")} == {"changed"}


def test_one_result_per_task_is_accepted() -> None:
    accepted = pool._Results(max_rejects=1)
    results = [TaskResult(rejected=1), TaskResult(rejected=1)]
    for result in results:
        accepted.add(0, result)
    assert [result is results[0] for result in accepted.list()] == [True]


def test_a_task_of_another_version_is_refused(task: tuple[Path, plan.Task]) -> None:
    root, planned = task
    with pytest.raises(OtherVersion, match=r"of event-archive 0\.0\.1, and this worker runs"):
        load_task(root, replace(planned, version="0.0.1"))
    assert not list(root.rglob("*.tmp"))


EXECUTORS: dict[str, Callable[[], Executor]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2, multiprocessing.get_context("spawn")),
}


@pytest.mark.usefixtures("small_tasks")
@pytest.mark.parametrize(
    "start",
    [
        pytest.param(EXECUTORS["threads"], id="threads"),
        pytest.param(EXECUTORS["processes"], id="processes", marks=pytest.mark.slow),
    ],
)
def test_any_executor_makes_the_same_archive(
    tmp_path: Path, lines: Path, start: Callable[[], Executor]
) -> None:
    local = archive.open(tmp_path / "local")
    local.load(EXPORTS / "eventids", lines)
    events = archive.open(tmp_path / "archive")
    done: list[int] = []
    with start() as executor:
        report = events.load(
            EXPORTS / "eventids",
            lines,
            executor=executor,
            progress=lambda progress: done.append(progress.done),
        )
        assert executor.submit(len, "open").result() == 4
    assert (report.rejected, events.verify().content) == (1, local.verify().content)
    assert sum(path.stat().st_size for path in (EXPORTS / "eventids").iterdir()) < done[-1]


@pytest.mark.usefixtures("small_tasks")
def test_an_error_cancels_the_tasks_of_an_executor(tmp_path: Path, lines: Path) -> None:
    events = archive.open(tmp_path / "archive")
    with ThreadPoolExecutor(1) as executor, pytest.raises(TooManyRejects):
        events.load(EXPORTS / "eventids", lines, executor=executor, max_rejects=0)
    assert events.info().events == 0
