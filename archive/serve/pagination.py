"""Pages of a list, as Sentry gives them: `per_page`, `cursor`, and a Link header.

Source: Sentry, api/base.py and api/paginator.py (GenericOffsetPaginator). A cursor is
`value:offset:is_previous`; the link with rel="next" is always there, and `results` tells whether
it leads to anything.
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
    """Which members of a list are asked for."""

    limit: int
    offset: int


def read_page(ask: ApiRequest) -> Page:
    """The page that a request asks for. Raises Refused."""
    asked = ask.query.get("per_page", str(MAX_PER_PAGE))
    limit = read_number(asked)
    if limit is None:
        raise ApiError(400, "Invalid per_page parameter.")
    if not 1 <= limit <= MAX_PER_PAGE:
        raise ApiError(400, f"Invalid per_page value. Must be between 1 and {MAX_PER_PAGE}.")
    cursor = ask.query.get("cursor")
    if not cursor:  # sentry-cli asks for the first page with an empty cursor
        return Page(limit, 0)
    numbers = [read_number(number) for number in cursor.split(":")]
    if len(numbers) != 3 or numbers[1] is None or None in numbers:
        raise ApiError(400, "Invalid cursor parameter.")
    return Page(limit, numbers[1])


def reply_page(
    ask: ApiRequest,
    fetch: Callable[[int, int], Sequence[Item]],
    write: Callable[[Item], bytes],
) -> ApiResponse:
    """One page of a list. fetch: its members, by limit and offset; write: one as JSON."""
    limit, offset = read_page(ask)
    found = fetch(limit + 1, offset)  # one more, to see whether there is another page
    before = _link(ask, "previous", max(0, offset - limit), 1, has_results=offset > 0)
    after = _link(ask, "next", offset + limit, 0, has_results=len(found) > limit)
    body = b"[%b]" % b",".join(write(item) for item in found[:limit])
    return ApiResponse(body, headers={"Link": f"{before}, {after}"})


def _link(ask: ApiRequest, name: str, offset: int, is_previous: int, *, has_results: bool) -> str:
    kept = urlencode([(key, value) for key, value in ask.query.items() if key != "cursor"])
    scheme, rest = ask.url.split("://", 1)
    cursor = f"0:{offset}:{is_previous}"
    results = "true" if has_results else "false"
    return (
        f"<{scheme}://{quote(rest, safe='/:[]')}?{kept}&cursor={cursor}>; "
        f'rel="{name}"; results="{results}"; cursor="{cursor}"'
    )
