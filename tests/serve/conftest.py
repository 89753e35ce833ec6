"""A server of the sample archive, asked in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

import archive
from archive.serve.app import App, Settings
from archive.serve.live import Live
from archive.serve.once import Response, request

Fetch = Callable[..., Response]


@pytest.fixture(scope="session")
def sample_app(sample: archive.Archive) -> Iterator[App]:
    app = App(Live(sample.path), Settings())
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
