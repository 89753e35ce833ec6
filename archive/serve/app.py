"""The server as an ASGI application: routing, authentication, limits, errors and logging."""

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
from archive.jsontext import dump
from archive.query.bounds import Bounds, Stop
from archive.serve.auth import LOCAL, Tokens, check_host
from archive.serve.endpoints.projects import find_slug
from archive.serve.handle import BOUNDS, ArchiveHandle
from archive.serve.http import INTERNAL_ERROR, ApiError, ApiRequest, ApiResponse, error_response
from archive.serve.metrics import Metrics
from archive.serve.openapi import describe_server
from archive.serve.routes import ENDPOINTS, EVENT_ID, ROOT, Endpoint
from archive.serve.transport import format_access, respond

MAX_URL_CHARS = 4096
DOCUMENT, HEALTH, METRICS = ROOT + "/openapi.json", "/healthz", "/metrics"
_UNROUTED = "none"
_HELP = "Route not found, did you forget a trailing slash?"
_TOO_LONG = ApiError(503, "The request took too long.", Retry_After="5").response


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of a server.

    hosts: accepted Host headers; `*` accepts any. tokens: required bearer tokens; None requires no
    token. requests: maximum concurrent requests; the rest get status 503. workers: threads that
    read the archive. timeout: seconds per request. bounds: of all queries. log: receives access
    log lines and errors.
    """

    hosts: tuple[str, ...] = LOCAL
    tokens: Tokens | None = None
    requests: int = 64
    workers: int = 4
    timeout: float = 30
    bounds: Bounds = BOUNDS
    log: Callable[[str], None] = lambda line: None


class _EventId(Convertor[str]):
    regex = EVENT_ID

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("event_id", _EventId())


class App:
    """The server of one archive. It checks, answers, counts and logs every request."""

    def __init__(self, handle: ArchiveHandle, settings: Settings) -> None:
        self._handle, self._settings = handle, settings
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
        started, request = time.perf_counter(), Request(scope, receive)
        endpoint, parameters = self._find(scope)
        answer = _TOO_LONG
        self._active += 1
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.timeout):
                    answer = await self._answer(request, endpoint, parameters)
            response = respond(request, answer, requires_token=self._settings.tokens is not None)
            async with asyncio.timeout(self._settings.timeout):  # a client may be slow to read
                await response(scope, receive, send)
        finally:
            self._active -= 1
            self._record(request, endpoint, answer, time.perf_counter() - started)

    async def _answer(
        self, request: Request, endpoint: Endpoint | None, parameters: dict[str, str]
    ) -> ApiResponse:
        """Answer a request; turn any error into a response."""
        try:
            self._check(request)
            if endpoint is not None:
                return await self._answer_endpoint(request, endpoint, parameters)
            if request.scope["path"] in self._extras:
                return await self._answer_extra(request, request.scope["path"])
            return _suggest_slash(request)
        except ApiError as error:
            return error.response
        except ArchiveError as error:
            if error.http_status >= 500:
                self._settings.log(f"{type(error).__name__}: {error}")
            return error_response(error)
        except Exception:
            self._settings.log(traceback.format_exc())
            return INTERNAL_ERROR

    def _check(self, request: Request) -> None:
        """Check the Host header, the length of the URL and the number of requests."""
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

    async def _answer_extra(self, request: Request, path: str) -> ApiResponse:
        """Answer a path of the server itself; of these, only metrics require a token."""
        if request.method == "OPTIONS":
            return ApiResponse()
        if path == METRICS:
            self._authenticate(request)
        _check_method(request)
        return await self._run(request, self._extras[path])

    async def _answer_endpoint(
        self, request: Request, endpoint: Endpoint, parameters: dict[str, str]
    ) -> ApiResponse:
        if request.method == "OPTIONS":
            return ApiResponse()
        allowed = self._authenticate(request)
        _check_method(request)
        host = request.headers.get("host", "localhost")  # HTTP/1.0 has none
        url = f"{request.url.scheme}://{host}{request.scope['path']}"
        api_request = ApiRequest(parameters, request.query_params, url, allowed)

        def answer() -> ApiResponse:
            with self._handle.use() as archive:
                organization = parameters.get("organization", "")
                if organization.isdecimal():
                    path = {**parameters, "organization": find_slug(archive, organization)}
                    return endpoint.answer(archive, replace(api_request, path=path))
                return endpoint.answer(archive, api_request)

        return await self._run(request, answer)

    def _authenticate(self, request: Request) -> frozenset[str] | None:
        """Return the organizations that the token may read; None for all. Raises ApiError."""
        tokens = self._settings.tokens
        return tokens.check(request.headers.get("authorization")) if tokens else None

    async def _run(self, request: Request, answer: Callable[[], ApiResponse]) -> ApiResponse:
        """Run blocking work in a worker thread, so that it can time out even while queued.

        Its queries are stopped when the time is over or the client has gone.
        """
        stop, loop = Stop(), asyncio.get_running_loop()
        work = loop.run_in_executor(self._workers, stop.call, answer)
        gone = loop.create_task(_wait_until_gone(request))
        try:
            await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                stop.set()
            return await work
        finally:
            stop.set()
            work.cancel()  # if it is still queued
            gone.cancel()

    def _record(
        self, request: Request, endpoint: Endpoint | None, answer: ApiResponse, seconds: float
    ) -> None:
        """Count and log a request."""
        path = request.scope["path"]
        route = endpoint.path if endpoint else path if path in self._extras else _UNROUTED
        self._metrics.count(route, request.method, answer.status, seconds)
        self._settings.log(
            format_access(
                request.client.host if request.client else "-",
                request.method,
                "?".join(filter(None, [path, request.url.query])),
                answer.status,
                len(answer.body),
                seconds,
            )
        )

    def _report_health(self) -> ApiResponse:
        with self._handle.use() as archive:
            archive.probe()
            return ApiResponse(dump({"status": "ok", "commit": archive.number}))

    def _report_metrics(self) -> ApiResponse:
        with self._handle.use() as archive:
            return self._metrics.render(archive.number, self._active)

    def close(self) -> None:
        """Wait for running requests, then close the archive."""
        self._workers.shutdown()
        self._handle.close()


def _type_path(endpoint: Endpoint) -> str:
    return ROOT + endpoint.path.replace("{event_id}", "{event_id:event_id}")


async def _wait_until_gone(request: Request) -> None:
    """Wait until the client has gone."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _check_method(request: Request) -> None:
    if request.method not in ("GET", "HEAD"):
        raise ApiError(405, f'Method "{request.method}" not allowed.')


def _suggest_slash(request: Request) -> ApiResponse:
    """Answer an unknown path as Sentry does (api/endpoints/catchall.py)."""
    path = request.scope["path"]
    if path.endswith("/"):
        return ApiResponse(b"", 404, media_type="text/html; charset=utf-8")
    suggestion = f"try: {path}/"
    if request.headers.get("content-type", "").startswith("application/json"):
        return ApiResponse(dump({"info": f"{_HELP} {suggestion}"}), 404)
    arrow = " " * (len(suggestion) - 1) + "^"
    text = f"{_HELP}\n\n{suggestion}\n{arrow}\n\n"
    return ApiResponse(text.encode("utf-8", "replace"), 404, media_type="text/plain")
