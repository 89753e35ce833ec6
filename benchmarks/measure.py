"""Measure commands from outside and calls from inside."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Command = Sequence[str | Path]

COMMAND = Path(sys.executable).with_name("event-archive")


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process took, all its children included; `peak` is of the largest of them."""

    wall: float
    cpu: float
    peak: int
    output: bytes


def run(command: Command, stdin: bytes = b"", keep_output: bool = True) -> Usage:
    """Run a command to its end in a fresh process. Raises RuntimeError if it fails.

    Linux counts the memory of the process that starts another into the peak of that other, so
    the caller must stay small.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as taken:
        given.write(stdin)
        given.seek(0)
        stdout = taken if keep_output else subprocess.DEVNULL
        started = time.perf_counter()
        process = subprocess.Popen([str(word) for word in command], stdin=given, stdout=stdout)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)  # for Popen did not see it end
        if process.returncode:
            raise RuntimeError(f"exit code {process.returncode}: {process.args!r}")
        taken.seek(0)
        return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024, taken.read())


def alternate(rounds: int, *commands: Command) -> list[Usage]:
    """Run commands in turn, so that what disturbs one disturbs all; the median of each by wall."""
    taken = [[run(command) for command in commands] for _ in range(rounds)]
    return [
        sorted(runs, key=lambda run: run.wall)[rounds // 2] for runs in zip(*taken, strict=True)
    ]


def time_call(call: Callable[[], object], times: int = 5) -> float:
    """The median time of a call that has been made once before."""
    call()
    return median(time_once(call) for _ in range(times))


def time_once(call: Callable[[], object]) -> float:
    """The time of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def measure_size(path: Path) -> int:
    """Bytes of a file, or of all files in a directory."""
    files = [path] if path.is_file() else path.rglob("*")
    return sum(file.stat().st_size for file in files if file.is_file())
