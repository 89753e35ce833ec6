"""What tests share: sample data, the corpus, archives, and the command line in this process."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import archive
from archive import cli
from archive.exports.compression import SourceFault
from archive.exports.limits import Limits
from archive.exports.split import Item, split_records

PROJECT = Path(__file__).parent.parent
SAMPLE_DATA = PROJECT / "sample_data"
EXPORTS = SAMPLE_DATA / "exports"
SEED_ID = "8e8379fcff434080b488b56cc4832ced"
SEED = (EXPORTS / "eventids" / f"{SEED_ID}.json").read_bytes()
ORGANIZATION = "the-interstellar-jurisdiction"


class Ran(NamedTuple):
    """How a command ended."""

    code: int
    out: bytes
    err: str


Run = Callable[..., Ran]


class _Stream(io.TextIOWrapper):
    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", write_through=True, newline="")

    def read_all(self) -> bytes:
        self.flush()
        buffer: Any = self.buffer
        data: bytes = buffer.getvalue()
        return data


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write tests/golden/ anew")
    parser.addoption("--exhaustive", action="store_true", help="try every hostile value everywhere")
    parser.addoption("--faults", action="store_true", help="run tests/faults/, which take minutes")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave tests/faults/ to `make faults`."""
    is_fault = collection_path == PROJECT / "tests" / "faults"
    return True if is_fault and not config.getoption("--faults") else None


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
    events.load(EXPORTS, organization=ORGANIZATION, projects=SAMPLE_DATA / "projects.json")
    return events


@pytest.fixture
def empty(tmp_path: Path) -> archive.Archive:
    """A place for an archive."""
    return archive.open(tmp_path / "archive")


def make_event(number: int = 1, **members: Any) -> dict[str, Any]:
    """A full event as the API gives it, small; members can be changed, or left out with `...`."""
    event_id = f"{number:032x}"
    event: dict[str, Any] = {
        "id": event_id,
        "groupID": "7",
        "eventID": event_id,
        "projectID": "42",
        "size": 1,
        "entries": [
            {
                "data": {
                    "values": [
                        {
                            "type": "ValueError",
                            "value": "no",
                            "stacktrace": {
                                "frames": [
                                    {"function": "main", "module": "app", "inApp": True},
                                    {
                                        "function": "fail",
                                        "module": "app.core",
                                        "lineNo": 3,
                                        "context": [[2, "def fail():"], [3, "    raise"]],
                                        "inApp": True,
                                    },
                                ]
                            },
                        }
                    ]
                },
                "type": "exception",
            }
        ],
        "title": f"ValueError: {number}",
        "type": "error",
        "tags": [{"key": "level", "value": "error"}, {"key": "release", "value": "1.0"}],
        "platform": "python",
        "dateReceived": "2026-01-02T03:04:06.500000Z",
        "dateCreated": "2026-01-02T03:04:05Z",
        "_meta": {},
    }
    event.update(members)
    return {name: value for name, value in event.items() if value is not ...}


def write_json(path: Path, value: Any) -> Path:
    """Write a value as compact JSON."""
    path.write_text(json.dumps(value, separators=(",", ":")))
    return path


def split(
    data: bytes, sizes: Sequence[int] = (), limits: Limits | None = None, fault: str | None = None
) -> list[Item]:
    """Split a stream that comes in chunks of these sizes, over and over, or in one."""

    def read() -> Iterator[bytes]:
        at = 0
        for size in cycle(sizes or [max(len(data), 1)]):
            if at >= len(data):
                break
            yield data[at : at + size]
            at += size
        if fault:
            raise SourceFault(fault)

    return list(split_records(read(), "export", None, limits or Limits()))
