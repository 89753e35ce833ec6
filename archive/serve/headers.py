"""Replies as HTTP responses, with the headers of Sentry's API."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from archive.serve.http import ApiResponse

METHODS = "GET, HEAD, OPTIONS"
# As in the API's documented answers.
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


def respond(request: Request, reply: ApiResponse, *, requires_token: bool) -> Response:
    """A reply as a response; of HEAD only the headers, with the length that GET would give.

    The API lets every web page read it, for a page has no token of its own. A server that asks
    for no token says so only to what is no page: else any site in the owner's browser could
    read the archive.
    """
    headers = {**STANDARD, **reply.headers, "Content-Type": reply.media_type}
    headers["Content-Length"] = str(len(reply.body))
    if requires_token or "origin" not in request.headers:
        headers["Access-Control-Allow-Origin"] = "*"
    body = b"" if request.method == "HEAD" else reply.body
    return Response(body, reply.status, headers)
