"""Answer one request without a server, for scripts and tests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from starlette.types import Receive

from archive.errors import InvalidParameter
from archive.serve.app import App, Settings
from archive.serve.handle import ArchiveHandle

HOST = "localhost"


class Response(NamedTuple):
    """The response a client would get; header names are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers["content-type"]


def get(path: str | Path, url: str, settings: Settings) -> Response:
    """Send GET for a path and query.

    Raises InvalidParameter, NoArchive, NewerArchive, DamagedArchive.
    """
    if not url.isprintable():  # neither are bytes that are not UTF-8
        raise InvalidParameter(name="get", reason=f"percent-encode the path {url!r}")
    app = App(ArchiveHandle(path, settings.bounds), settings)
    try:
        return asyncio.run(request(app, url))
    finally:
        app.close()


async def request(
    app: App,
    url: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    receive: Receive | None = None,
) -> Response:
    """Send one request without a body to an application.

    receive: what else the client does; by default, it waits for the response.
    """
    target, _, query = url.partition("?")
    sent = {"host": HOST, **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(target),
        "raw_path": target.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in sent.items()],
        "client": None,
        "server": (HOST, 80),
    }
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive or asyncio.Future, send)
    start, *rest = messages
    received = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    return Response(start["status"], received, b"".join(part.get("body", b"") for part in rest))
