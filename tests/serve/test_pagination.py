"""Pages: Link headers as the API writes them, and the whole list by following them."""

from __future__ import annotations

import json
import re

import pytest

from tests.builders import ORGANIZATION
from tests.serve.conftest import Fetch

EVENTS = f"/api/0/projects/{ORGANIZATION}/checkout-api/events/"
HERE = f"http://localhost{EVENTS}"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            "",
            f'<{HERE}?&cursor=0:0:1>; rel="previous"; results="false"; cursor="0:0:1", '
            f'<{HERE}?&cursor=0:100:0>; rel="next"; results="true"; cursor="0:100:0"',
            id="first",
        ),
        pytest.param(
            "?per_page=10&cursor=0:20:0&full=1",
            f'<{HERE}?per_page=10&full=1&cursor=0:10:1>; rel="previous"; results="true"; '
            'cursor="0:10:1", '
            f'<{HERE}?per_page=10&full=1&cursor=0:30:0>; rel="next"; results="true"; '
            'cursor="0:30:0"',
            id="in the middle",
        ),
        pytest.param(
            "?cursor=0:100:0",
            f'<{HERE}?&cursor=0:0:1>; rel="previous"; results="true"; cursor="0:0:1", '
            f'<{HERE}?&cursor=0:200:0>; rel="next"; results="false"; cursor="0:200:0"',
            id="last",
        ),
        pytest.param(
            "?full=%3E%2C%22&per_page=100",
            f'<{HERE}?full=%3E%2C%22&per_page=100&cursor=0:0:1>; rel="previous"; '
            'results="false"; cursor="0:0:1", '
            f'<{HERE}?full=%3E%2C%22&per_page=100&cursor=0:100:0>; rel="next"; '
            'results="true"; cursor="0:100:0"',
            id="nothing asked for leaves the link",
        ),
    ],
)
def test_links(fetch: Fetch, query: str, expected: str) -> None:
    response = fetch(EVENTS + query)
    assert (response.status, response.headers["link"]) == (200, expected)


@pytest.mark.parametrize("size", [1, 7, 100])
def test_following_the_links_gives_every_event_once(fetch: Fetch, size: int) -> None:
    query, found = f"?per_page={size}", list[str]()
    while query:
        response = fetch(EVENTS + query)
        page = [event["eventID"] for event in json.loads(response.body)]
        found += page
        assert len(page) <= size
        link = re.search(r'<[^?]+(\?[^>]+)>; rel="next"; results="true"', response.headers["link"])
        query = link[1] if link else ""
    assert len(found) == len(set(found)) == 132


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("per_page=0", "Invalid per_page value. Must be between 1 and 100."),
        ("per_page=101", "Invalid per_page value. Must be between 1 and 100."),
        ("per_page=", "Invalid per_page parameter."),
        ("per_page=ten", "Invalid per_page parameter."),
        ("per_page=-1", "Invalid per_page parameter."),
        ("cursor=x", "Invalid cursor parameter."),
        ("cursor=0:-100:0", "Invalid cursor parameter."),
        ("cursor=0:100", "Invalid cursor parameter."),
        (f"cursor=0:{'9' * 30}:0", "Invalid cursor parameter."),
    ],
)
def test_a_page_that_is_none(fetch: Fetch, query: str, detail: str) -> None:
    response = fetch(f"{EVENTS}?{query}")
    assert (response.status, json.loads(response.body)) == (400, {"detail": detail})


def test_a_page_beyond_the_end_is_empty(fetch: Fetch) -> None:
    response = fetch(f"{EVENTS}?cursor=0:5000:0")
    assert (response.status, response.body) == (200, b"[]")
