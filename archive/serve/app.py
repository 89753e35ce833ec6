"""The server as an ASGI application: hosts, paths, tokens and limits before the archive."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from archive.errors import ArchiveError
from archive.serve.access_log import format_access
from archive.serve.auth import LOCAL, Tokens, check_host
from archive.serve.endpoints.projects import find_slug
from archive.serve.handle import ArchiveHandle
from archive.serve.headers import respond
from archive.serve.http import ApiError, ApiRequest, ApiResponse, dump, error_response
from archive.serve.metrics import Metrics
from archive.serve.openapi import describe_server
from archive.serve.routes import ENDPOINTS, EVENT_ID, ROOT, Endpoint

MAX_URL_CHARS = 4096
DOCUMENT, HEALTH, METRICS = ROOT + "/openapi.json", "/healthz", "/metrics"
_UNROUTED = "none"
_HELP = "Route not found, did you forget a trailing slash?"
_FAULT = ApiResponse(dump({"detail": "Internal Error", "errorId": None}), 500)
_TOO_LONG = ApiError(503, "The request took too long.", Retry_After="5").reply


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server answers.

    hosts: names under which it may be called; `*` is any. tokens: who may ask; None is everybody.
    requests: how many are taken on at once, the others are told to come again. workers: how many
    of them ask the archive at a time. timeout: seconds until a request is given up. log: takes
    the lines of the access log, and what went wrong.
    """

    hosts: tuple[str, ...] = LOCAL
    tokens: Tokens | None = None
    requests: int = 64
    workers: int = 4
    timeout: float = 30
    log: Callable[[str], None] = lambda line: None


class _EventId(Convertor[str]):
    regex = EVENT_ID

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("event_id", _EventId())


class App:
    """One archive's server. Every request is checked, bounded, answered, counted and logged."""

    def __init__(self, live: ArchiveHandle, settings: Settings) -> None:
        self._live, self._settings = live, settings
        self._metrics = Metrics()
        self._active = 0
        self._workers = ThreadPoolExecutor(settings.workers, "archive")
        self._document = ApiResponse(dump(describe_server()))
        self._routes = [(Route(_type_path(e), self), e) for e in ENDPOINTS]
        self._extras: dict[str, Callable[[], ApiResponse]] = {
            DOCUMENT: lambda: self._document,
            HEALTH: self._report_health,
            METRICS: self._report_metrics,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        started, request = time.perf_counter(), Request(scope)
        endpoint, parameters = self._find(scope)
        reply = _TOO_LONG
        self._active += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.timeout):
                    reply = await self._reply(request, endpoint, parameters)
            response = respond(request, reply, requires_token=self._settings.tokens is not None)
            async with asyncio.timeout(self._settings.timeout):  # a client may be slow to read
                await response(scope, receive, send)
        finally:
            self._active -= 1
            self._record(request, endpoint, reply, time.perf_counter() - started)

    async def _reply(
        self, request: Request, endpoint: Endpoint | None, parameters: dict[str, str]
    ) -> ApiResponse:
        """What a request gets, whatever goes wrong."""
        try:
            self._check(request)
            if endpoint is not None:
                return await self._reply_endpoint(request, endpoint, parameters)
            if request.scope["path"] in self._extras:
                return await self._reply_extra(request, request.scope["path"])
            return _explain_absence(request)
        except ApiError as refused:
            return refused.reply
        except ArchiveError as error:
            if error.http_status >= 500:
                self._settings.log(f"{type(error).__name__}: {error}")
            return error_response(error)
        except Exception:
            self._settings.log(traceback.format_exc())
            return _FAULT

    def _check(self, request: Request) -> None:
        """Refuse what is asked of another server, at too great a length, or all at once."""
        check_host(request.headers.get("host", ""), self._settings.hosts)
        url = request.scope["raw_path"] + request.scope["query_string"]
        if len(url) > MAX_URL_CHARS:
            raise ApiError(414, f"The URL is longer than {MAX_URL_CHARS} bytes.")
        if self._active > self._settings.requests:
            raise ApiError(503, "Too many requests at once.", Retry_After="1")

    def _find(self, scope: Scope) -> tuple[Endpoint | None, dict[str, str]]:
        for route, endpoint in self._routes:
            match, found = route.matches(scope)
            if match is Match.FULL:
                return endpoint, found["path_params"]
        return None, {}

    async def _reply_extra(self, request: Request, path: str) -> ApiResponse:
        """What is about the server, not of the archive: only the counters need a token."""
        if request.method == "OPTIONS":
            return ApiResponse()
        if path == METRICS:
            self._authenticate(request)
        _check_method(request)
        return await self._run(self._extras[path])

    async def _reply_endpoint(
        self, request: Request, endpoint: Endpoint, parameters: dict[str, str]
    ) -> ApiResponse:
        if request.method == "OPTIONS":
            return ApiResponse()
        allowed = self._authenticate(request)
        _check_method(request)
        host = request.headers.get("host", "localhost")  # HTTP/1.0 has none
        url = f"{request.url.scheme}://{host}{request.scope['path']}"
        ask = ApiRequest(parameters, request.query_params, url, allowed)

        def answer() -> ApiResponse:
            with self._live.use() as archive:
                named = parameters.get("organization", "")
                if named.isdecimal():
                    found = {**parameters, "organization": find_slug(archive, named)}
                    return endpoint.answer(archive, replace(ask, path=found))
                return endpoint.answer(archive, ask)

        return await self._run(answer)

    def _authenticate(self, request: Request) -> frozenset[str] | None:
        """The organizations that may be read, None for all. Raises Refused."""
        tokens = self._settings.tokens
        return tokens.check(request.headers.get("authorization")) if tokens else None

    async def _run(self, answer: Callable[[], ApiResponse]) -> ApiResponse:
        """Do what blocks in one of the workers; what waits for one can still be given up."""
        return await asyncio.get_running_loop().run_in_executor(self._workers, answer)

    def _record(
        self, request: Request, endpoint: Endpoint | None, reply: ApiResponse, seconds: float
    ) -> None:
        """Count a request, and log it."""
        path = request.scope["path"]
        route = endpoint.path if endpoint else path if path in self._extras else _UNROUTED
        self._metrics.count(route, request.method, reply.status, seconds)
        self._settings.log(
            format_access(
                request.client.host if request.client else "-",
                request.method,
                "?".join(filter(None, [path, request.url.query])),
                reply.status,
                len(reply.body),
                seconds,
            )
        )

    def _report_health(self) -> ApiResponse:
        with self._live.use() as archive:
            return ApiResponse(dump({"status": "ok", "commit": archive.number}))

    def _report_metrics(self) -> ApiResponse:
        with self._live.use() as archive:
            return self._metrics.reply(archive.number, self._active)

    def close(self) -> None:
        """Let the requests under way end, and go."""
        self._workers.shutdown()
        self._live.close()


def _type_path(endpoint: Endpoint) -> str:
    return ROOT + endpoint.path.replace("{event_id}", "{event_id:event_id}")


def _check_method(request: Request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise ApiError(405, f'Method "{request.method}" not allowed.')


def _explain_absence(request: Request) -> ApiResponse:
    """What Sentry says where no path is (api/endpoints/catchall.py): no detail, but a hint."""
    path = request.scope["path"]
    if path.endswith("/"):
        return ApiResponse(b"", 404, media_type="text/html; charset=utf-8")
    suggestion = f"try: {path}/"
    if request.headers.get("content-type", "").startswith("application/json"):
        return ApiResponse(dump({"info": f"{_HELP} {suggestion}"}), 404)
    arrow = " " * (len(suggestion) - 1) + "^"
    text = f"{_HELP}\n\n{suggestion}\n{arrow}\n\n"
    return ApiResponse(text.encode("utf-8", "replace"), 404, media_type="text/plain")
