"""The access log: one line per request, in ASCII and without control characters."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

MAX_REQUEST_CHARS = 500


def format_access(
    client: str, method: str, path: str, status: int, size: int, seconds: float
) -> str:
    """Format a line: time, client, request, status, bytes of the body, duration."""
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    request = quote(f"{method[:10]} {path}", safe="/?&=:;,%[]@!$'()*+~ ")[:MAX_REQUEST_CHARS]
    return f'{when} {client} "{request}" {status} {size} {1000 * seconds:.1f}ms'
