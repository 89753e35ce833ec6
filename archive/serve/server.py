"""Run the application in one process: listen, reload tokens on SIGHUP, stop gracefully."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from archive.errors import AddressUnavailable, InvalidTokens, UnauthenticatedServer
from archive.serve.app import App, Settings
from archive.serve.auth import LOCAL
from archive.serve.handle import ArchiveHandle

CONNECTIONS = 512
HEADER_BYTES = 16_384
HEADER_SECONDS = 10.0
IDLE_SECONDS = 30
SEND_SECONDS = 30.0
STOP_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Address:
    """The address to listen on; port 0 picks a free port."""

    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def is_local(self) -> bool:
        return self.host in LOCAL


class _Connection(asyncio.Protocol):
    """A connection of uvicorn, with time limits for slow requests and slow readers.

    If there are too many, a new one takes the place of the one that has been idle longest.
    """

    _idle: ClassVar[dict[_Connection, None]] = {}
    _head: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def __init__(self, *, app_state: dict[str, Any], **options: Any) -> None:
        self._http = H11Protocol(app_state={**app_state, "connection": self}, **options)
        self._is_answering = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._http.connection_made(self._transport)
        self._limit_head()
        if len(self._idle) >= CONNECTIONS:
            oldest = next(iter(self._idle))
            del self._idle[oldest]
            oldest._transport.abort()
        self._idle[self] = None

    def data_received(self, data: bytes) -> None:
        self._limit_head()
        self._http.data_received(data)

    def eof_received(self) -> None:
        self._http.eof_received()

    def pause_writing(self) -> None:
        self._http.pause_writing()
        loop = asyncio.get_running_loop()
        self._stall = loop.call_later(SEND_SECONDS, self._transport.abort)

    def resume_writing(self) -> None:
        self._http.resume_writing()
        _cancel(self._stall)

    def connection_lost(self, exc: Exception | None) -> None:
        _cancel(self._head)
        _cancel(self._stall)
        self._idle.pop(self, None)
        self._http.connection_lost(exc)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Stop the clock of the request's head while it is answered."""
        _cancel(self._head)
        self._idle.pop(self, None)
        self._head, self._is_answering = None, True
        try:
            yield
        finally:
            self._is_answering = False
            if not self._transport.is_closing():
                self._idle[self] = None

    def _limit_head(self) -> None:
        """Limit the time for the head of a request; uvicorn itself limits idle connections."""
        if self._head is None and not self._is_answering:
            loop = asyncio.get_running_loop()
            self._head = loop.call_later(HEADER_SECONDS, self._transport.close)


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def serve(path: str | Path, address: Address, settings: Settings, *, insecure: bool) -> None:
    """Serve an archive until SIGINT or SIGTERM, then finish running requests.

    Raises UnauthenticatedServer for a public address without tokens, unless `insecure`;
    AddressUnavailable, NoArchive, NewerArchive, DamagedArchive.
    """
    if not (address.is_local or settings.tokens or insecure):
        raise UnauthenticatedServer(host=address.host)
    app = App(ArchiveHandle(path, settings.bounds), settings)
    try:
        with _listen(address) as listening:
            asyncio.run(_run(app, listening, address, settings))
    finally:
        app.close()


def _listen(address: Address) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        listening = socket.create_server((address.host, address.port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise AddressUnavailable(host=address.host, port=address.port, reason=reason) from error
    # Without this, the body of a response waits up to 40 ms for the client to acknowledge its head.
    # asyncio sets it only on sockets that it creates itself.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


async def _run(app: App, listening: socket.socket, address: Address, settings: Settings) -> None:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        with scope["state"]["connection"].answering():
            await app(scope, receive, send)

    config = uvicorn.Config(
        answer,
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=list(LOCAL),
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    server = uvicorn.Server(config)
    _Connection._idle.clear()  # of an earlier server in this process
    for number in (signal.SIGINT, signal.SIGTERM):  # uvicorn raises them again once it has stopped
        signal.signal(number, server.handle_exit)
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, _reload_tokens, settings)
    host = f"[{address.host}]" if ":" in address.host else address.host
    settings.log(f"listening on http://{host}:{listening.getsockname()[1]}")
    await server.serve([listening])
    settings.log("stopped")


def _reload_tokens(settings: Settings) -> None:
    if settings.tokens is None:
        return
    try:
        settings.tokens.reload()
    except InvalidTokens as error:
        settings.log(f"keeping the old tokens: {error}")
    else:
        settings.log("tokens reloaded")
