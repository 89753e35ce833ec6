"""Every single call that changes the file system fails once, counted 1, 2, … until none is left."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from enum import IntEnum
from pathlib import Path
from typing import Any

import pytest

from archive.errors import ExitCode
from tests.builders import PROJECT
from tests.faults.conftest import Count, Work

HERE = Path(__file__).parent


class Mode(IntEnum):
    """How the chosen call fails, as `fault.c` numbers it."""

    FAIL_ONCE = 1
    DISK_FULL = 2
    KILL_BEFORE = 3
    KILL_AFTER = 4
    KILL_HALFWAY = 5

    @property
    def is_kill(self) -> bool:
        return self >= Mode.KILL_BEFORE


class Forks:
    """Commands in forks of a process that has `fault.c` preloaded."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, root: Path, call: int, mode: Mode, arguments: list[str]) -> dict[str, int]:
        job = {"root": str(root), "call": call, "mode": mode, "arguments": arguments}
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    compiler = shutil.which("cc")
    if not compiler or sys.platform != "linux":
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("fault") / "fault.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", library, HERE / "fault.c", "-ldl"], check=True
    )
    environment = {"LD_PRELOAD": str(library), "PYTHONPATH": str(PROJECT)}
    with subprocess.Popen(
        [sys.executable, HERE / "forks.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment,
    ) as process:
        yield Forks(process)
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.name.lower())
@pytest.mark.parametrize("work", ["small_load", "small_compact", "first_load", "upgrade"])
def test_every_call_fails(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    forks: Forks,
    count: Count,
    work: str,
    mode: Mode,
) -> None:
    prepared: Work = request.getfixturevalue(work)
    call = 0
    while True:
        call += 1
        path = shutil.copytree(prepared.before, tmp_path / f"copy-{call}")
        ran = forks.run(path, call, mode, prepared.arguments)
        if _is_finished(ran, call, mode):
            assert prepared.check(path)
            break
        ended = -signal.SIGKILL if mode.is_kill else ExitCode.STORAGE
        assert ran["status"] == ended, f"call {call}"
        prepared.check(path)
        shutil.rmtree(path)
    assert call > 25, "hardly anything was counted"
    count(f"calls that {'killed' if mode.is_kill else 'failed'}: {work}", call - 1)


def _is_finished(ran: dict[str, Any], call: int, mode: Mode) -> bool:
    """Whether there was nothing left to fail: no such call, or none that needs space."""
    is_through = ran["calls"] < call or mode is Mode.DISK_FULL
    return ran["status"] in (ExitCode.OK, ExitCode.REJECTS) and is_through
