"""The HTTP request (Relay, protocol/request.rs and normalize/request.rs)."""

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from archive.events.normalize.meta import Meta, add_error, has_errors, reject
from archive.events.normalize.scalars import (
    PATH,
    TEXT,
    json_lenient,
    lenient,
    read_unsigned,
    text,
)
from archive.events.normalize.shapes import Field, Keep, Struct, fields, only_object, pairs
from archive.events.normalize.trim import FREE, LARGE, MEDIUM, SMALL, bag, pair_bag
from archive.events.normalize.urls import parse_query, split_url

METHOD = re.compile(r"[A-Z\-_]{3,32}")
HEADER_PART = re.compile(r"(?:^|(?<=-))[^-]")
NOT_FORM = ("<?xml", "{", "[")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

read_query_pairs = pairs(TEXT, json_lenient(TEXT))
read_cookie_pairs = pairs(TEXT, TEXT)
limit_query, limit_cookies, limit_headers = map(pair_bag, (SMALL, MEDIUM, LARGE))
limit_data, read_parsed = bag(LARGE), bag(FREE)


def read_query(value: Any, meta: Meta) -> Any:
    """Read the query: a string, an object or a list of pairs."""
    if isinstance(value, str):
        value = [list(pair) for pair in parse_query(value.removeprefix("?"))]
    if not isinstance(value, (dict, list)):
        return reject(meta, "a query string or map", value)
    return limit_query(read_query_pairs(value, meta), meta)


def read_cookies(value: Any, meta: Meta) -> Any:
    """Read cookies: a string, an object or a list of pairs."""
    if isinstance(value, str):
        cookies, errors = parse_cookies(value)
        for error in errors:
            add_error(meta, "invalid_data", value, reason=error)
        return limit_cookies(cookies, meta)
    if not isinstance(value, (dict, list)):
        return reject(meta, "cookies", value)
    return limit_cookies(read_cookie_pairs(value, meta), meta)


def read_header_name(value: Any, meta: Meta) -> str | None:
    """Read a header name and put it in Title-Case, capitals within words staying."""
    name: str | None = TEXT(value, meta)
    return name and HEADER_PART.sub(lambda match: match[0].upper(), name)


def read_header_value(value: Any, meta: Meta) -> str | None:
    """Read a header value; several values are joined with commas."""
    if not isinstance(value, list):
        text_value: str | None = read_header_text(value, meta)
        return text_value
    parts = [read_header_text(item, meta) for item in value if item is not None]
    return ",".join(part for part in parts if part)


read_header_text = lenient(TEXT)
read_header_pairs = pairs(read_header_name, read_header_value)


def read_headers(value: Any, meta: Meta) -> Any:
    """Read headers: those sent as an object are sorted by name."""
    headers = read_header_pairs(value, meta)
    if headers is not None and isinstance(value, dict):
        headers.sort(key=lambda pair: pair[0] or "")
    return None if headers is None else limit_headers(headers, meta)


read_fields = Struct(
    "request",
    [
        Field("url", PATH),
        *fields(TEXT, "method", "protocol"),
        Field("data", limit_data),
        Field("query_string", read_query, Keep.FILLED),
        Field("fragment", text(1024, 100), Keep.FILLED),
        Field("cookies", read_cookies, Keep.FILLED),
        Field("headers", read_headers, Keep.FILLED),
        Field("body_size", read_unsigned),
        Field("env", only_object(limit_data), Keep.FILLED),
        Field("inferred_content_type", TEXT, Keep.FILLED),
        Field("api_target", TEXT),
    ],
)


def read_request(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read a request and spread what its URL, headers and body hold over the fields."""
    request = read_fields(value, meta)
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


def parse_cookies(value: str) -> tuple[list[list[str]], list[str]]:
    """Parse a cookie header into pairs and errors (crate `cookie`, `parse_encoded`)."""
    cookies, errors = [], []
    for part in value.split(";"):
        if not part.strip():
            continue
        name, mark, content = part.partition("=")
        if not mark:
            errors.append("the cookie is missing a name/value pair")
        elif not name.strip():
            errors.append("the cookie's name is empty")
        else:
            cookies.append([_decode(name.strip()), _decode(content.strip())])
    return cookies, errors


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


def _decode(value: str) -> str:
    if "%" not in value:
        return value
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return value
