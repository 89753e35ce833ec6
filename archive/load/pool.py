"""Run tasks in this process, in local worker processes, or on any executor."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized, SynchronizedArray
from pathlib import Path

from archive.errors import TooManyRejects, WorkerDied
from archive.load.plan import Task
from archive.load.task import TaskResult, load_task

POLL_SECONDS = 0.1

# In a worker process.
_bytes_read: Synchronized[int]  # by all workers
_claims: SynchronizedArray[int]  # whether a process has taken the task of this number


def run_tasks(
    staging: Path, tasks: Sequence[Task], workers: int, on_bytes_read: Callable[[int], None]
) -> list[TaskResult]:
    """Run tasks and return their results in order.

    workers: number of processes, including this one, which begins while the others start.
    on_bytes_read: called with the number of bytes read since the last call.

    Raises TooManyRejects, StorageFailed, WorkerDied; all workers are stopped then.
    """
    count = min(workers, len(tasks))
    if count <= 1:
        return [load_task(staging, task, on_bytes_read) for task in tasks]
    context = multiprocessing.get_context("spawn")
    counter: Synchronized[int] = context.Value("q", 0)
    claims = context.Array("b", len(tasks))
    executor = ProcessPoolExecutor(count - 1, context, _start_worker, (counter, claims))
    with _stop_workers(executor):
        futures = [executor.submit(_work, staging, n, task) for n, task in enumerate(tasks)]
        results = _Results(tasks[0].options.max_rejects)
        running = _Running(futures, results, counter, on_bytes_read)
        for number in reversed(range(len(tasks))):
            if _claim(claims, number):
                results.add(number, load_task(staging, tasks[number], running.report))
        running.wait()
        return results.list()


def run_on_executor(
    executor: Executor, staging: Path, tasks: Sequence[Task], on_bytes_read: Callable[[int], None]
) -> list[TaskResult]:
    """Run tasks on an executor whose workers see the same files; return their results in order.

    on_bytes_read: called with the size of each task that is done.

    Raises TooManyRejects, StorageFailed, and what the executor raises; the tasks that have not
    started are canceled then. The executor stays open.
    """
    futures = [executor.submit(load_task, staging.absolute(), task) for task in tasks]
    numbers = {future: number for number, future in enumerate(futures)}
    results = _Results(tasks[0].options.max_rejects if tasks else None)
    try:
        for future in as_completed(futures):
            number = numbers[future]
            results.add(number, future.result())
            on_bytes_read(sum(piece.size for piece in tasks[number].slices))
    finally:
        for future in futures:
            future.cancel()
    return results.list()


class _Results:
    """The results of tasks so far."""

    def __init__(self, max_rejects: int | None) -> None:
        self._max_rejects, self._rejected = max_rejects, 0
        self._by_number: dict[int, TaskResult] = {}

    def __len__(self) -> int:
        return len(self._by_number)

    def add(self, number: int, result: TaskResult) -> None:
        """Add the result of a task, if it has none yet. Raises TooManyRejects."""
        if number in self._by_number:
            return
        self._by_number[number] = result
        self._rejected += result.rejected
        if self._max_rejects is not None and self._rejected > self._max_rejects:
            sample = result.reject_samples[-1]
            raise TooManyRejects(place=sample.place, reason=sample.reason)

    def list(self) -> list[TaskResult]:
        """List the results by the number of their task."""
        return [result for _, result in sorted(self._by_number.items())]


class _Running:
    """Tasks that worker processes run, and their progress."""

    def __init__(
        self,
        futures: list[Future[TaskResult | None]],
        results: _Results,
        counter: Synchronized[int],
        on_bytes_read: Callable[[int], None],
    ) -> None:
        self._futures, self._results = futures, results
        self._counter, self._on_bytes_read = counter, on_bytes_read
        self._reported = 0

    def report(self, size: int = 0) -> None:
        """Report the bytes that the workers have read, and those that this process has read."""
        total = self._counter.value
        self._on_bytes_read(size + total - self._reported)
        self._reported = total

    def wait(self) -> None:
        """Wait for the workers. Raises WorkerDied, TooManyRejects, and what a task raises."""
        numbers = {future: number for number, future in enumerate(self._futures)}
        waiting = set(numbers)
        while len(self._results) < len(self._futures):
            done, waiting = wait(waiting, POLL_SECONDS)
            self.report()
            for future in done:
                try:
                    result = future.result()
                except BrokenProcessPool as error:
                    raise WorkerDied() from error
                if result is not None:
                    self._results.add(numbers[future], result)


@contextmanager
def _stop_workers(executor: ProcessPoolExecutor) -> Iterator[None]:
    """At the end, stop the workers instead of waiting until they have started or finished."""
    others = set(multiprocessing.active_children())
    try:
        yield
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()


def _start_worker(counter: Synchronized[int], claims: SynchronizedArray[int]) -> None:
    global _bytes_read, _claims
    _bytes_read, _claims = counter, claims
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles interrupts
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(staging: Path, number: int, task: Task) -> TaskResult | None:
    """Run a task, unless another process has taken it."""
    return load_task(staging, task, _count) if _claim(_claims, number) else None


def _claim(claims: SynchronizedArray[int], number: int) -> bool:
    with claims.get_lock():
        is_free, claims[number] = not claims[number], 1
    return is_free


def _count(size: int) -> None:
    with _bytes_read.get_lock():
        _bytes_read.value += size
