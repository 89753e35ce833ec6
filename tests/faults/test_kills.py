"""Real processes are killed at random instants, or asked to stop."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import archive
from archive.errors import ExitCode
from tests.builders import PROJECT
from tests.faults.conftest import Count, Work

COMMAND = Path(__file__).parent / "command.py"
KILLS = 110  # of each kind


class Running:
    """A command in a process group of its own."""

    def __init__(self, root: Path, arguments: list[str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, COMMAND, "-a", root, *arguments],
            env={**os.environ, "PYTHONPATH": str(PROJECT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def end(self) -> tuple[int, str]:
        """Its exit code and what it said, once no process of the group is left."""
        _, said = self.process.communicate()
        deadline = time.monotonic() + 30
        while self._is_anyone_left():
            assert time.monotonic() < deadline, "a worker outlived the load"
            time.sleep(0.005)
        return self.process.returncode, said

    def _is_anyone_left(self) -> bool:
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


def _list_works() -> list[object]:
    return [
        pytest.param("real_load", ["--workers", "1"], id="load-1-worker"),
        pytest.param("real_load", ["--workers", "2"], id="load-2-workers"),
        pytest.param("real_compact", [], id="compact"),
    ]


@pytest.mark.parametrize(("name", "more"), _list_works())
def test_kill_at_any_instant(
    request: pytest.FixtureRequest, tmp_path: Path, count: Count, name: str, more: list[str]
) -> None:
    work: Work = request.getfixturevalue(name)
    pick = random.Random(7)
    seconds = _time_whole_run(work, more, tmp_path)
    killed = committed = 0
    while killed < KILLS:
        path = shutil.copytree(work.before, tmp_path / "copy")
        running = Running(path, [*work.arguments, *more])
        time.sleep(pick.uniform(0.1, 1.0) * seconds)
        running.process.send_signal(signal.SIGKILL)
        code, _ = running.end()
        was_committed = work.check(path)
        if code == -signal.SIGKILL:
            killed += 1
            committed += was_committed
        else:
            seconds *= 0.98  # it was through already: the machine has become faster
            assert was_committed
        shutil.rmtree(path)
    count(f"SIGKILLs survived: {request.node.callspec.id}", killed)
    count("SIGKILLs that came after the commit", committed)


def _time_whole_run(work: Work, more: list[str], place: Path) -> float:
    path = shutil.copytree(work.before, place / "timed")
    started = time.monotonic()
    code, said = Running(path, [*work.arguments, *more]).end()
    assert code in (ExitCode.OK, ExitCode.REJECTS), said
    return time.monotonic() - started


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, ExitCode.INTERRUPTED), (signal.SIGTERM, ExitCode.TERMINATED)],
    ids=["SIGINT", "SIGTERM"],
)
def test_asked_to_stop(
    real_load: Work, tmp_path: Path, count: Count, number: int, code: int, workers: str
) -> None:
    pick = random.Random(11)
    stopped = 0
    arguments = [*real_load.arguments, "--workers", workers]
    seconds = _time_whole_run(real_load, ["--workers", workers], tmp_path)
    for _ in range(60):
        path = shutil.copytree(real_load.before, tmp_path / "copy")
        running = Running(path, arguments)
        _wait_until_it_writes(path, running)
        time.sleep(pick.uniform(0, 0.5) * seconds)
        running.process.send_signal(number)
        ended, said = running.end()
        assert ended in (code, ExitCode.OK, ExitCode.REJECTS), said
        if ended == code:
            stopped += 1
            assert "loads are atomic" in said
            assert "run the same load again" in said
            assert "Traceback" not in said
            assert not [left for left in path.rglob("*.tmp") if left.is_file()]
        real_load.check(path)
        shutil.rmtree(path)
        if stopped == 10:
            break
    assert stopped == 10
    count("SIGINTs and SIGTERMs obeyed", stopped)


def _wait_until_it_writes(path: Path, running: Running) -> None:
    while running.process.poll() is None and not any((path / "events").glob("*.tmp")):
        time.sleep(0.002)


def test_a_killed_writer_leaves_no_lock(real_load: Work, tmp_path: Path) -> None:
    path = shutil.copytree(real_load.before, tmp_path / "copy")
    running = Running(path, real_load.arguments)
    _wait_until_it_writes(path, running)
    running.process.kill()
    running.end()
    assert (path / "lock").exists(), "the file stays, and means nothing"
    assert archive.open(path).compact().parts_after
