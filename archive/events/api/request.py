"""The HTTP request. Source: Sentry 2024-09, `interfaces/http.py`."""

from typing import Any

from archive.events.api.generation import Generation

_META = (
    ("", ""),
    ("apiTarget", "api_target"),
    ("method", "method"),
    ("url", "url"),
    ("query", "query_string"),
    ("data", "data"),
    ("headers", "headers"),
    ("cookies", "cookies"),
    ("env", "env"),
)


def request_to_api(
    request: dict[str, Any], platform: str | None, generation: Generation
) -> dict[str, Any]:
    """The request, its query, headers and cookies as lists of pairs."""
    get = request.get
    return {
        "apiTarget": get("api_target"),
        "method": get("method"),
        "url": get("url"),
        "query": get("query_string") or [],
        "fragment": get("fragment"),
        "data": get("data"),
        "headers": get("headers") or [],
        "cookies": get("cookies") or [],
        "env": get("env") or None,
        "inferredContentType": get("inferred_content_type"),
    }


def annotate_request(meta: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Its `_meta`."""
    return {shown: meta.get(key) for shown, key in _META}
