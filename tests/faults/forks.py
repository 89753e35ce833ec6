"""Run commands with one call to the file system failing, each in a fork that has imported all.

Started with `fault.c` preloaded. Reads a job a line, `{"root", "call", "mode", "arguments"}`, and
answers each with `{"status", "calls"}`: the exit status, negative for a signal, and how many calls
were counted (0 after a signal).
"""

from __future__ import annotations

import ctypes
import json
import os
import sys
from typing import Any

import duckdb  # noqa: F401  # imported once, here, not in every fork
import pyarrow.parquet  # noqa: F401

from archive import cli
from archive.storage import cleanup

_fault = ctypes.CDLL(None)


def _run(job: dict[str, Any]) -> dict[str, int]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _work(job, writing)
    os.close(writing)
    with os.fdopen(reading) as stream:
        calls = stream.read()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "calls": int(calls or 0)}


def _work(job: dict[str, Any], writing: int) -> None:
    sys.argv = ["event-archive", "-a", job["root"], *job["arguments"]]
    cleanup.GRACE_SECONDS = -1  # what is replaced goes at once, so that this is tried, too
    _fault.fault_arm(job["root"].encode(), ctypes.c_long(job["call"]), job["mode"])
    code = cli.run()
    sys.stdout.flush()
    os.write(writing, str(_fault.fault_count()).encode())
    os._exit(code)


for line in sys.stdin:
    answer = json.dumps(_run(json.loads(line)))
    sys.stdout.write(answer + "\n")
    sys.stdout.flush()
