"""Options and fixtures that tests share."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

import archive
from archive import cli
from tests.builders import (
    EXPORTS,
    GOLDEN,
    ORGANIZATION,
    PROJECT,
    SAMPLE_DATA,
    CheckGolden,
    Ran,
    Run,
)

# `make test` chooses the first, `make test-all` the second; tests that need more take a multiple.
settings.register_profile("quick", max_examples=20, deadline=None)
settings.register_profile("full", max_examples=100, deadline=None)
settings.load_profile("full")


class _Stream(io.TextIOWrapper):
    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", write_through=True, newline="")

    def read_all(self) -> bytes:
        self.flush()
        buffer: Any = self.buffer
        data: bytes = buffer.getvalue()
        return data


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/ again")
    parser.addoption("--exhaustive", action="store_true", help="try every hostile value everywhere")
    parser.addoption("--faults", action="store_true", help="run tests/faults/, which take minutes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave tests/faults/ to `make faults`."""
    is_fault = collection_path == PROJECT / "tests" / "faults"
    return True if is_fault and not config.getoption("--faults") else None


def pytest_collection_finish() -> None:
    """Leave the collected tests out of every later garbage collection: each load starts one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _do_not_wait_for_the_disk(request: pytest.FixtureRequest) -> Iterator[None]:
    """Skip fsync, except in tests/faults/, which test durability."""
    with pytest.MonkeyPatch.context() as patch:
        if not request.config.getoption("--faults"):
            patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command line as a user would; `stdin` is given as bytes.

    EVENT_ARCHIVE counts only where a test asks for the `environment`.
    """

    def call(*arguments: str | Path, stdin: bytes = b"", environment: bool = False) -> Ran:
        out, err = _Stream(), _Stream()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["event-archive", *map(str, arguments)])
            patch.setattr(sys, "stdin", _Stream(stdin))
            patch.setattr(sys, "stdout", out)
            patch.setattr(sys, "stderr", err)
            if not environment:
                patch.delenv("EVENT_ARCHIVE", raising=False)
            code = int(cli.run())
        return Ran(code, out.read_all(), err.read_all().decode())

    return call


@pytest.fixture
def check_golden(request: pytest.FixtureRequest) -> CheckGolden:
    """Compare output with a file of tests/golden/; `--update-golden` writes the file first."""

    def check(name: str, data: bytes) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data)
        assert data.decode() == path.read_bytes().decode()

    return check


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Real events that are not part of this project; skips where there are none."""
    path = os.environ.get("EVENT_ARCHIVE_CORPUS")
    if not path:
        pytest.skip("EVENT_ARCHIVE_CORPUS is not set")
    return Path(path)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> archive.Archive:
    """An archive of sample_data/, not to be changed."""
    events = archive.open(tmp_path_factory.mktemp("sample") / "archive")
    events.load(EXPORTS, organization=ORGANIZATION, project_map=SAMPLE_DATA / "projects.json")
    return events


@pytest.fixture
def empty(tmp_path: Path) -> archive.Archive:
    """A place for an archive."""
    return archive.open(tmp_path / "archive")
