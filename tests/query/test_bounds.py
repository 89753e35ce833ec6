"""Every query ends: at a signal, at its timeout, at its limits, and when nobody waits for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

import archive
from archive.errors import ExitCode, InvalidParameter, QueryStopped
from archive.query.bounds import Bounds, Stop
from tests.builders import Run

SECONDS = 1.0
ENDLESS = {
    "recursive": "WITH RECURSIVE t AS (SELECT 1 n UNION ALL SELECT n + 1 FROM t) FROM t WHERE n<0",
    "counted": "SELECT sum(i) FROM range(1000000000000000) t(i)",
    "streamed": "FROM range(1000000000000000) t(i) WHERE i < 0",
    "one value": "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))",
}
LARGE = "FROM range(30000000) t(i) ORDER BY hash(i)"
endless = pytest.mark.parametrize(
    "query",
    [
        pytest.param(query, id=name, marks=() if name == "recursive" else pytest.mark.slow)
        for name, query in ENDLESS.items()
    ],
)


@endless
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal(sample: archive.Archive, query: str, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "archive", "-a", str(sample.path), "shell"]
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=env) as process:
        assert process.stdin and process.stdout
        process.stdin.write(f"SELECT 1;\n{query};\n".encode())
        process.stdin.flush()
        process.stdout.readline()
        time.sleep(0.3)
        process.send_signal(number)
        started = time.monotonic()
        process.stdin.close()
        process.wait(10)
    assert time.monotonic() - started < SECONDS
    cancelled = ExitCode.OK  # a shell goes on after SIGINT; here, to the end of its input
    assert process.returncode == (ExitCode.TERMINATED if number == signal.SIGTERM else cancelled)


@endless
@pytest.mark.parametrize("verb", ["sql", "sql --format arrow"])
def test_timeout(sample: archive.Archive, run: Run, query: str, verb: str) -> None:
    started = time.monotonic()
    result = run("-a", sample.path, *verb.split(), "--timeout", "0.2", query)
    assert time.monotonic() - started < 0.2 + SECONDS
    assert result.code == ExitCode.STORAGE
    assert "it took more than 0.2 seconds" in result.err


def test_nobody_waits(sample: archive.Archive) -> None:
    stop = Stop()
    threading.Timer(0.1, stop.set).start()
    started = time.monotonic()
    with pytest.raises(QueryStopped, match="nobody waits"):
        stop.call(lambda: sample.sql(ENDLESS["counted"]))
    assert time.monotonic() - started < SECONDS


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (Bounds(memory="50MB", max_spill="1MB"), "50MB of memory and 1MB of disk space"),
        (Bounds(memory="20MB", max_spill="1MB"), "20MB of memory and 1MB of disk space"),
    ],
    ids=["disk", "memory"],
)
def test_space(sample: archive.Archive, bounds: Bounds, reason: str) -> None:
    with archive.open(sample.path, bounds) as opened, pytest.raises(QueryStopped, match=reason):
        list(opened.sql(LARGE))


@pytest.mark.parametrize("size", ["much", "10", "1GB'; --", "-1GB"])
def test_not_a_size(sample: archive.Archive, size: str) -> None:
    with (
        archive.open(sample.path, Bounds(memory=size)) as opened,
        pytest.raises(InvalidParameter, match="is not a size"),
    ):
        opened.sql("SELECT 1")
