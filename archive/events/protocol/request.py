"""The HTTP request, and the pairs that a response has as well (Relay 24.9, protocol/request.rs)."""

from typing import Any
from urllib.parse import unquote_plus, unquote_to_bytes

from archive.events.protocol.bag import LARGE, MEDIUM, SMALL, any_object, any_pairs, any_value
from archive.events.protocol.containers import pairs
from archive.events.protocol.meta import Meta, add_error, take_children
from archive.events.protocol.mode import Mode, Reader, coerced, converted, expect
from archive.events.protocol.scalars import PATH, TEXT, json_lenient, lenient, text, unsigned
from archive.events.protocol.struct import EMPTY, Field, Struct, fields


def parse_query(query: str) -> list[tuple[str, str]]:
    """Decode the pairs of a query string (`form_urlencoded::parse`)."""
    found = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            found.append((unquote_plus(name), unquote_plus(value)))
    return found


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


def _decode(value: str) -> str:
    if "%" not in value:
        return value
    try:
        return unquote_to_bytes(value).decode()
    except UnicodeDecodeError:
        return value


def _split_query(value: Any, meta: Meta) -> Any:
    if type(value) is not str:
        return value
    take_children(meta)
    return [list(pair) for pair in parse_query(value.removeprefix("?"))]


def _split_cookies(value: Any, meta: Meta) -> Any:
    if type(value) is not str:
        return value
    take_children(meta)
    found, errors = parse_cookies(value)
    for error in errors:
        add_error(meta, "invalid_data", value, reason=error)
    return found


def _write_title_case(name: str, meta: Meta) -> str:
    """Write a header name in Title-Case; capitals inside words stay."""
    return "-".join(part[:1].upper() + part[1:] for part in name.split("-"))


def header_value(mode: Mode) -> Reader:
    """Compile the type of header values; several values are joined with commas."""
    read_text = mode.compile(lenient(TEXT))

    def read(value: Any, meta: Meta) -> Any:
        if type(value) is not list:
            return read_text(value, meta)
        take_children(meta)
        parts = [read_text(item, meta) for item in value if item is not None]
        return ",".join(part for part in parts if part)

    return read


def headers(mode: Mode) -> Reader:
    """Compile headers: those of an object are sorted by name."""
    read_pairs = mode.compile(pairs(converted(TEXT, _write_title_case), header_value))

    def read(value: Any, meta: Meta) -> Any:
        found = read_pairs(value, meta)
        if found is None or type(value) is not dict:
            return found
        order = sorted(range(len(found)), key=lambda index: found[index][0] or "")
        notes = take_children(meta) if meta else {}
        for target, source in enumerate(order):
            if note := notes.get(str(source)):
                meta[str(target)] = note
        return [found[index] for index in order]

    return read


QUERY_PAIRS = expect("a query string or map", (dict, list), pairs(TEXT, json_lenient(TEXT)))
COOKIE_PAIRS = expect("cookies", (dict, list), pairs(TEXT, TEXT))

QUERY = any_pairs(coerced(QUERY_PAIRS, _split_query), SMALL)
COOKIES = any_pairs(coerced(COOKIE_PAIRS, _split_cookies), MEDIUM)
HEADERS = any_pairs(headers, LARGE)

REQUEST = Struct(
    "request",
    Field("url", PATH),
    *fields(TEXT, "method protocol"),
    Field("data", any_value(LARGE)),
    Field("query_string", QUERY, EMPTY),
    Field("fragment", text(1024, 100), EMPTY),
    Field("cookies", COOKIES, EMPTY),
    Field("headers", HEADERS, EMPTY),
    Field("body_size", unsigned),
    Field("env", any_object(LARGE), EMPTY),
    Field("inferred_content_type", TEXT, EMPTY),
    Field("api_target", TEXT),
)
