"""Requests, responses and errors of endpoints, independent of the web framework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from archive.errors import ArchiveError, EventNotFound
from archive.jsontext import dump
from archive.query.listing import Scope
from archive.resolve import Answer

JSON = "application/json"


class ApiError(Exception):
    """An error response of the API, `{"detail": …}`."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def response(self) -> ApiResponse:
        return ApiResponse(dump({"detail": str(self)}), self.status, self.headers)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request to an endpoint.

    path, query: its parameters. url: without the query. allowed: slugs of the organizations that
    the token may read; None for all.
    """

    path: Mapping[str, str]
    query: Mapping[str, str]
    url: str
    allowed: frozenset[str] | None = None

    @property
    def origin(self) -> str:
        """Scheme and host, as in `http://127.0.0.1:8000`."""
        return "/".join(self.url.split("/", 3)[:3])

    def narrow(self, project: str | None = None, group_id: int | None = None) -> Scope:
        """Return the scope of the path, limited to what the token may read. Raises ApiError."""
        slug = self.path.get("organization")
        if slug is not None and self.allowed is not None and slug not in self.allowed:
            raise ApiError(403, "You do not have permission to perform this action.")
        organizations = self.allowed if slug is None else frozenset([slug])
        return Scope(organizations, project, group_id, strict=self.allowed is not None)

    def authorize(self, answer: Answer) -> Answer:
        """Return the answer if the token may read it. Raises EventNotFound."""
        if self.allowed is not None and answer.owner.organization_slug not in self.allowed:
            raise EventNotFound()
        return answer


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response; headers are added to the standard ones."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON


INTERNAL_ERROR = ApiResponse(dump({"detail": "Internal Error", "errorId": None}), 500)


def format_timestamp(timestamp: datetime | None) -> str | None:
    """Format a timestamp as the API does, without a fraction that is zero."""
    return None if timestamp is None else timestamp.replace(tzinfo=None).isoformat() + "Z"


def error_response(error: ArchiveError) -> ApiResponse:
    """Convert a library error; the reasons of internal errors are only logged."""
    if error.http_status >= 500:
        return replace(INTERNAL_ERROR, status=error.http_status)
    return ApiResponse(dump({"detail": str(error)}), error.http_status)
