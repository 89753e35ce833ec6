"""Pagination as in Sentry's API: `per_page`, `cursor` and a Link header.

Source: Sentry, api/base.py and api/paginator.py (GenericOffsetPaginator). A cursor is
`value:offset:is_previous`. The link with rel="next" is always present; its `results` is false on
the last page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar
from urllib.parse import quote, urlencode

from archive.query.listing import read_number
from archive.serve.http import ApiError, ApiRequest, ApiResponse

MAX_PER_PAGE = 100
Item = TypeVar("Item")


class Page(NamedTuple):
    """The requested slice of a list."""

    limit: int
    offset: int


def read_page(request: ApiRequest) -> Page:
    """Parse the page parameters of a request. Raises ApiError."""
    limit = read_number(request.query.get("per_page", str(MAX_PER_PAGE)))
    if limit is None:
        raise ApiError(400, "Invalid per_page parameter.")
    if not 1 <= limit <= MAX_PER_PAGE:
        raise ApiError(400, f"Invalid per_page value. Must be between 1 and {MAX_PER_PAGE}.")
    cursor = request.query.get("cursor")
    if not cursor:  # sentry-cli requests the first page with an empty cursor
        return Page(limit, 0)
    numbers = [read_number(number) for number in cursor.split(":")]
    if len(numbers) != 3 or numbers[1] is None or None in numbers:
        raise ApiError(400, "Invalid cursor parameter.")
    return Page(limit, numbers[1])


def reply_page(
    request: ApiRequest,
    fetch: Callable[[int, int], Sequence[Item]],
    write: Callable[[Item], bytes],
) -> ApiResponse:
    """Answer one page of a list.

    fetch: returns items by limit and offset. write: formats an item as JSON.
    """
    limit, offset = read_page(request)
    items = fetch(limit + 1, offset)  # one more shows whether there is a next page
    before = _link(request, "previous", max(0, offset - limit), 1, has_results=offset > 0)
    after = _link(request, "next", offset + limit, 0, has_results=len(items) > limit)
    body = b"[%b]" % b",".join(write(item) for item in items[:limit])
    return ApiResponse(body, headers={"Link": f"{before}, {after}"})


def _link(
    request: ApiRequest, name: str, offset: int, is_previous: int, *, has_results: bool
) -> str:
    kept = urlencode([(key, value) for key, value in request.query.items() if key != "cursor"])
    scheme, rest = request.url.split("://", 1)
    cursor = f"0:{offset}:{is_previous}"
    results = "true" if has_results else "false"
    return (
        f"<{scheme}://{quote(rest, safe='/:[]')}?{kept}&cursor={cursor}>; "
        f'rel="{name}"; results="{results}"; cursor="{cursor}"'
    )
