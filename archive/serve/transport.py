"""HTTP around the endpoints: headers of responses, and lines of the access log."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from archive.serve.http import ApiResponse

MAX_REQUEST_CHARS = 500
METHODS = "GET, HEAD, OPTIONS"
# As in the documentation of Sentry's API.
STANDARD = {
    "Allow": METHODS,
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Allow-Headers": "X-Sentry-Auth, X-Requested-With, Origin, Accept, "
    "Content-Type, Authentication, Authorization",
    "Access-Control-Expose-Headers": "X-Sentry-Error, Retry-After, Link",
    "Content-Language": "en",
    "Vary": "Accept-Language, Cookie",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "deny",
    "X-XSS-Protection": "1; mode=block",
}


def respond(request: Request, answer: ApiResponse, *, requires_token: bool) -> Response:
    """Convert an answer to an HTTP response; HEAD gets the headers of GET without a body.

    Sentry's API allows all origins (CORS), because it requires a token. A server without tokens
    denies other origins: otherwise any site in the owner's browser could read the archive.
    """
    headers = {**STANDARD, **answer.headers, "Content-Type": answer.media_type}
    headers["Content-Length"] = str(len(answer.body))
    if requires_token or "origin" not in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
    if request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers:
        headers["Connection"] = "close"  # without reading the body: no endpoint needs one
    body = b"" if request.method == "HEAD" else answer.body
    return Response(body, answer.status, headers)


def format_access(
    client: str, method: str, path: str, status: int, size: int, seconds: float
) -> str:
    """Format an access log line in ASCII: time, client, request, status, bytes, duration."""
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = quote(f"{method[:10]} {path}", safe="/?&=:;,%[]@!$'()*+~ ")[:MAX_REQUEST_CHARS]
    return f'{when} {client} "{request}" {status} {size} {1000 * seconds:.1f}ms'
