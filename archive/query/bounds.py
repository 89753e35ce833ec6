"""Bounds of queries: time, memory and disk space, and stopping them from another thread."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, TypeVar

from archive.errors import InvalidParameter, QueryStopped

if TYPE_CHECKING:
    import duckdb

T = TypeVar("T")

POLL_SECONDS = 0.05
INTERRUPT_SECONDS = 0.01
_SIZE = re.compile(r"\d+(\.\d+)? ?[KMGT]i?B")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What queries may use.

    timeout: in seconds, for each. memory, max_spill: for all that run at once, as sizes such as
    500MB; what needs more memory spills to disk. None for no limit.
    """

    timeout: float | None = None
    memory: str = "1GB"
    max_spill: str | None = None

    def apply(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Set the bounds that DuckDB enforces itself. Raises InvalidParameter."""
        settings = [
            ("memory", "memory_limit", self.memory),
            ("max-spill", "max_temp_directory_size", self.max_spill),
        ]
        for name, setting, size in settings:
            if size is None:
                continue
            if not _SIZE.fullmatch(size):
                reason = f"{size!r} is not a size; write it as 500MB or 2GB"
                raise InvalidParameter(name=name, reason=reason)
            connection.execute(f"SET {setting} = '{size}'")

    def describe_space(self) -> str:
        """Describe what a query that was too large may use."""
        spilled = f" and {self.max_spill} of disk space" if self.max_spill else ""
        return f"{self.memory} of memory{spilled}"


class Stop:
    """Lets another thread stop the queries of a function."""

    def __init__(self) -> None:
        self._event = Event()

    def call(self, function: Callable[[], T]) -> T:
        """Call the function. Raises QueryStopped if one of its queries is stopped."""
        token = _stop.set(self._event)
        try:
            return function()
        finally:
            _stop.reset(token)

    def set(self) -> None:
        self._event.set()


_stop: ContextVar[Event | None] = ContextVar("_stop", default=None)


class Watch:
    """Interrupts the work of a connection at its deadline, at a signal, and at a `Stop`.

    DuckDB itself looks for signals only between some steps of a query, and never at the time.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, timeout: float | None) -> None:
        self._connection, self._timeout = connection, timeout
        self._deadline = None if timeout is None else time.monotonic() + timeout
        self._aside = ThreadPoolExecutor(1, "query")

    def run(self, work: Callable[[], T]) -> T:
        """Return the result of the work. Raises QueryStopped."""
        future = self._aside.submit(work)
        try:
            self._wait(future)
        finally:
            while not future.done():  # an interrupt is lost if the query has not begun
                self._connection.interrupt()
                wait([future], INTERRUPT_SECONDS)
        return future.result()

    def _wait(self, future: Future[T]) -> None:
        """Wait in the thread that asks: signals arrive there if it is the main thread."""
        stop = _stop.get()
        while not wait([future], POLL_SECONDS).done:
            if stop is not None and stop.is_set():
                raise QueryStopped(reason="nobody waits for its result")
            if self._deadline is not None and time.monotonic() > self._deadline:
                raise QueryStopped(reason=f"it took more than {self._timeout:g} seconds")
