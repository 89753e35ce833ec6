"""A server of the sample archive, asked in this process or in one of its own."""

from __future__ import annotations

import asyncio
import http.client
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

import archive
from archive.serve.app import App, Settings
from archive.serve.handle import ArchiveHandle
from archive.serve.inprocess import Response, request

Fetch = Callable[..., Response]


@pytest.fixture(scope="session")
def sample_app(sample: archive.Archive) -> Iterator[App]:
    app = App(ArchiveHandle(sample.path), Settings())
    yield app
    app.close()


@pytest.fixture
def fetch(sample_app: App) -> Fetch:
    """Ask the server of the sample archive: `fetch(url, method, headers)`."""

    def call(url: str, method: str = "GET", **headers: str) -> Response:
        return ask(sample_app, url, method, **headers)

    return call


def ask(app: App, url: str, method: str = "GET", **headers: str) -> Response:
    """One request to an application; `_` in the name of a header stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return asyncio.run(request(app, url, method, named))


class Running:
    """A server in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.port = int(self.read_line().rsplit(":", 1)[1])

    def read_line(self) -> str:
        assert self.process.stderr
        return self.process.stderr.readline().rstrip("\n")

    def ask(
        self, url: str, host: str = "127.0.0.1", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body."""
        with closing(http.client.HTTPConnection(host, self.port, timeout=30)) as connection:
            connection.request("GET", url, headers=headers)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said


@contextmanager
def start(path: Path, *options: str | Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "archive", "-a", path, "serve", "--port", "0", *options]
    with subprocess.Popen(
        [str(word) for word in command], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield Running(process)
        finally:
            process.kill()
