"""Run the application in one process: listen, reload tokens on SIGHUP, stop gracefully."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h11
import uvicorn
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


class _Protocol(H11Protocol):
    """HTTP/1.1 with time limits that uvicorn lacks: for slow requests and slow readers."""

    _deadline: asyncio.TimerHandle | None = None
    _stall: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        if self.conn.their_state is h11.SEND_BODY:  # do not wait for a body: no endpoint reads one
            self.transport.close()
        else:
            super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stall = self.loop.call_later(SEND_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall is not None:
            self._stall.cancel()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch()
        if self._stall is not None:
            self._stall.cancel()
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Limit the time for the headers; uvicorn itself limits idle connections."""
        if self.conn.their_state is not h11.IDLE:
            self._unwatch()
        elif self._deadline is None:
            self._deadline = self.loop.call_later(HEADER_SECONDS, self.transport.close)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: a graceful stop must exit with code 0."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve(path: str | Path, address: Address, settings: Settings, *, insecure: bool) -> None:
    """Serve an archive until SIGINT or SIGTERM, then finish running requests.

    Raises UnauthenticatedServer for a public address without tokens, unless `insecure`;
    AddressUnavailable, NoArchive, NewerArchive, DamagedArchive.
    """
    if not (address.is_local or settings.tokens or insecure):
        raise UnauthenticatedServer(host=address.host)
    app = App(ArchiveHandle(path), settings)
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
    config = uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=list(LOCAL),
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        h11_max_incomplete_event_size=HEADER_BYTES,
    )
    server = _Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, server.handle_exit, number, None)
    loop.add_signal_handler(signal.SIGHUP, _reload_tokens, settings)
    host = f"[{address.host}]" if ":" in address.host else address.host
    settings.log(f"listening on http://{host}:{listening.getsockname()[1]}")
    await server.serve([listening])
    settings.log("stopped")


def _reload_tokens(settings: Settings) -> Any:
    if settings.tokens is None:
        return
    try:
        settings.tokens.reload()
    except InvalidTokens as error:
        settings.log(f"keeping the old tokens: {error}")
    else:
        settings.log("tokens reloaded")
