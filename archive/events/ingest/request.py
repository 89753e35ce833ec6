"""The HTTP request (Relay, normalize/request.rs)."""

import json
import re
from typing import Any

from archive.events.ingest.urls import split_url
from archive.events.protocol.bag import FREE, bag
from archive.events.protocol.meta import Meta, add_error, has_errors
from archive.events.protocol.request import parse_cookies, parse_query

METHOD = re.compile(r"[A-Z\-_]{3,32}")
NOT_FORM = ("<?xml", "{", "[")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

read_parsed = bag(FREE)


def process_request(request: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Spread what the URL, headers and body of a request hold over its fields."""
    if request:
        _check_method(request, meta)
        _split_url(request)
        _parse_body(request)
        _move_cookies(request, "Cookie")
    return request


def normalize_response(response: dict[str, Any]) -> None:
    """Parse the body and the cookies of a response context as those of a request."""
    _parse_body(response, forms=False)
    _move_cookies(response, "Set-Cookie")


def get_header(headers: Any, name: str) -> str | None:
    """Give the first value of a header."""
    for pair in headers or ():
        if pair and len(pair) > 1 and pair[0] == name:
            value: str | None = pair[1]
            return value
    return None


def _check_method(request: dict[str, Any], meta: Meta) -> None:
    method = request.get("method")
    if method is None:
        return
    request["method"] = method = method.upper() if method.isascii() else method
    note = meta.setdefault("method", {})
    if not has_errors(note) and not METHOD.fullmatch(method):
        request["method"] = add_error(note, "invalid_data", method)
    if not note:
        del meta["method"]


def _split_url(request: dict[str, Any]) -> None:
    url = request.get("url")
    if url is None:
        return
    if url.endswith("…"):
        url = url[:-1] + "..."
    parsed = split_url(url)
    if parsed is not None:
        base, query, fragment = parsed.base, parsed.query, parsed.fragment
    else:
        base, _, fragment = url.partition("#")
        base, _, query = base.partition("?")
    request["url"] = base
    if query and not request.get("query_string") and (found := parse_query(query)):
        request["query_string"] = [list(pair) for pair in found]
    if fragment and request.get("fragment") is None:
        request["fragment"] = fragment


def _parse_body(request: dict[str, Any], *, forms: bool = True) -> None:
    kind, body = _infer_body(request.get("data"), forms=forms)
    if kind is not None:
        request["data"], request["inferred_content_type"] = body, kind
        return
    header = get_header(request.get("headers"), "Content-Type")
    if header is not None:
        request["inferred_content_type"] = header.partition(";")[0]
    else:
        request.pop("inferred_content_type", None)


def _infer_body(data: Any, *, forms: bool) -> tuple[str | None, Any]:
    if not isinstance(data, str):
        return None, None
    try:
        return JSON, read_parsed(json.loads(data, parse_constant=_refuse), {})
    except (ValueError, RecursionError):
        pass
    if not forms or not data.isascii() or data.startswith(NOT_FORM):
        return None, None
    form = dict(parse_query(data))
    plausible = len(form) > 1 or any(value not in ("", "=") for value in form.values())
    return (FORM, {key: form[key] for key in sorted(form)}) if plausible else (None, None)


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def _move_cookies(request: dict[str, Any], name: str) -> None:
    headers = request.get("headers")
    if not headers:
        return
    header = get_header(headers, name)
    if request.get("cookies") is None:
        if header is None:
            return
        cookies, errors = parse_cookies(header)
        if errors:
            return
        request["cookies"] = cookies
    for pair in headers:
        if pair and pair[0] == name:
            request["headers"] = [other for other in headers if other is not pair]
            break
    if not request["headers"]:
        del request["headers"]
