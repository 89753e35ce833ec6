"""What an endpoint is asked, what it replies, and how it refuses, in the API's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.errors import ArchiveError, EventNotFound
from archive.query.listing import Scope
from archive.resolve import Answer

JSON = "application/json"


class ApiError(Exception):
    """A request that is answered with an error of the API, `{"detail": …}`."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    @property
    def reply(self) -> ApiResponse:
        return ApiResponse(dump({"detail": str(self)}), self.status, self.headers)


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request for an endpoint.

    path, query: its parameters. url: its own address, without the query. allowed: slugs of the
    organizations that the token may read; None is all of them.
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
        """The events that the path means, as far as the token may read them.

        Raises Refused where it may not read the organization at all.
        """
        named = self.path.get("organization")
        if named is not None and self.allowed is not None and named not in self.allowed:
            raise ApiError(403, "You do not have permission to perform this action.")
        organizations = self.allowed if named is None else frozenset([named])
        return Scope(organizations, project, group_id, strict=self.allowed is not None)

    def admit(self, answer: Answer) -> Answer:
        """The answer, if the token may read it; else it is not found."""
        if self.allowed is not None and answer.owner.organization_slug not in self.allowed:
            raise EventNotFound()
        return answer


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A status, a body, and headers beside the standard ones."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = JSON


def dump(value: Any) -> bytes:
    """Compact JSON, as the API writes it."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def dump_moment(moment: datetime | None) -> str | None:
    """A moment as the API writes it: its fraction is omitted when it is zero."""
    return None if moment is None else moment.replace(tzinfo=None).isoformat() + "Z"


def error_response(error: ArchiveError) -> ApiResponse:
    """What an error of the library is over HTTP; the reason of a fault of ours stays with us."""
    if error.http_status >= 500:
        return ApiResponse(dump({"detail": "Internal Error", "errorId": None}), error.http_status)
    return ApiResponse(dump({"detail": str(error)}), error.http_status)
