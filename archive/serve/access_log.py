"""The access log: a line a request, in ASCII, which nothing asked for can break or steer."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

LONGEST = 500


def format_access(
    client: str, method: str, path: str, status: int, size: int, seconds: float
) -> str:
    """When, who, what, and how it was answered: status, bytes of the body, time taken."""
    when = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    asked = quote(f"{method[:10]} {path}", safe="/?&=:;,%[]@!$'()*+~ ")[:LONGEST]
    return f'{when} {client} "{asked}" {status} {size} {1000 * seconds:.1f}ms'
