"""Run tasks in this process or in local worker processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from archive.errors import TooManyRejects, WorkerDied
from archive.load.plan import Task
from archive.load.task import TaskResult, load_task

POLL_SECONDS = 0.1

_bytes_read: Synchronized[int]  # in a worker process: by all workers


def run_tasks(
    staging: Path, tasks: Sequence[Task], workers: int, on_bytes_read: Callable[[int], None]
) -> list[TaskResult]:
    """Run tasks and return their results in order.

    on_bytes_read: called with the number of bytes read since the last call.

    Raises TooManyRejects, StorageFailed, WorkerDied; all workers are stopped then.
    """
    count = min(workers, len(tasks))
    if count <= 1:
        return [load_task(staging, task, on_bytes_read) for task in tasks]
    context = multiprocessing.get_context("spawn")
    counter: Synchronized[int] = context.Value("q", 0)
    executor = ProcessPoolExecutor(count, context, _start_worker, (counter,))
    with _stop_at_error(executor):
        futures = [executor.submit(_work, staging, task) for task in tasks]
        _wait_for(futures, counter, on_bytes_read, tasks[0].options.max_rejects)
        return [future.result() for future in futures]


def _wait_for(
    futures: list[Future[TaskResult]],
    counter: Synchronized[int],
    on_bytes_read: Callable[[int], None],
    max_rejects: int | None,
) -> None:
    waiting, reported, rejected = set(futures), 0, 0
    while waiting:
        done, waiting = wait(waiting, POLL_SECONDS)
        total = counter.value
        on_bytes_read(total - reported)
        reported = total
        for future in done:
            try:
                result = future.result()
            except BrokenProcessPool as error:
                raise WorkerDied() from error
            rejected += result.rejected
            if max_rejects is not None and rejected > max_rejects:
                sample = result.reject_samples[-1]
                raise TooManyRejects(place=sample.place, reason=sample.reason)


@contextmanager
def _stop_at_error(executor: ProcessPoolExecutor) -> Iterator[None]:
    """On an error, stop the workers instead of waiting for their tasks."""
    others = set(multiprocessing.active_children())
    try:
        yield
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()
        raise
    executor.shutdown()


def _start_worker(counter: Synchronized[int]) -> None:
    global _bytes_read
    _bytes_read = counter
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(staging: Path, task: Task) -> TaskResult:
    return load_task(staging, task, _count)


def _count(size: int) -> None:
    with _bytes_read.get_lock():
        _bytes_read.value += size
