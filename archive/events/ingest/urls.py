"""URLs as the WHATWG standard parses them, which Relay's `url` crate follows."""

import re
from typing import NamedTuple
from urllib.parse import quote

SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
DEFAULT_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443", "ftp": "21", "file": ""}
CONTROLS = re.compile(r"[\t\n\r]")
BLANKS = "".join(map(chr, range(0x21)))
PATH_SAFE = "!$&'()*+,-./:;=@_~%[]\\^|"
QUERY_SAFE = PATH_SAFE + "?`{}"
FRAGMENT_SAFE = QUERY_SAFE.replace("`", "") + "#"
LAST_PORT = 65535
FORBIDDEN_HOST = re.compile(r"[\x00-\x20#/<>?@\[\\\]^|%]")


class Url(NamedTuple):
    """A parsed URL: the part before query and fragment, its path, and those two."""

    base: str
    path: str
    query: str | None
    fragment: str | None


def split_url(value: str) -> Url | None:
    """Split an absolute URL into canonical parts; None if the `url` crate would reject it."""
    value = CONTROLS.sub("", value.strip(BLANKS))
    match = SCHEME.match(value)
    if match is None:
        return None
    scheme = match[1].lower()
    rest, mark, fragment = value[match.end() :].partition("#")
    fragment_text = quote(fragment, FRAGMENT_SAFE) if mark else None
    rest, mark, query = rest.partition("?")
    query_text = quote(query, QUERY_SAFE) if mark else None
    if scheme in DEFAULT_PORTS:
        return _join_special(scheme, rest.replace("\\", "/"), query_text, fragment_text)
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = _resolve_dots(quote(slash + path, PATH_SAFE))
        return Url(f"{scheme}://{host}{path}", path, query_text, fragment_text)
    path = _resolve_dots(quote(rest, PATH_SAFE)) if rest.startswith("/") else rest
    return Url(f"{scheme}:{path}", path, query_text, fragment_text)


def _join_special(scheme: str, rest: str, query: str | None, fragment: str | None) -> Url | None:
    if scheme == "file" and not rest.startswith("//"):
        host, path = "", "/" + rest.lstrip("/")
    else:
        stripped = rest[2:] if scheme == "file" else rest.lstrip("/")
        host, _, path = stripped.partition("/")
        path = "/" + path
    authority = _canonical_authority(scheme, host)
    if authority is None:
        return None
    path = _resolve_dots(quote(path, PATH_SAFE))
    return Url(f"{scheme}://{authority}{path}", path, query, fragment)


def _canonical_authority(scheme: str, value: str) -> str | None:
    credentials, mark, location = value.rpartition("@")
    host, port = location, ""
    if not location.endswith("]"):
        head, colon, tail = location.rpartition(":")
        if colon:
            host, port = head, tail
    if port and (not port.isascii() or not port.isdigit() or int(port) > LAST_PORT):
        return None
    canonical = _canonical_host(host) if host else ""
    if canonical is None or (not canonical and scheme != "file"):
        return None
    suffix = f":{int(port)}" if port and port != DEFAULT_PORTS[scheme] else ""
    return credentials + mark + canonical + suffix


def _canonical_host(host: str) -> str | None:
    if host.startswith("[") and host.endswith("]"):
        return host.lower()
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            return None
    return None if FORBIDDEN_HOST.search(host) else host.lower()


def _resolve_dots(path: str) -> str:
    if "/." not in path:
        return path
    resolved: list[str] = []
    segments = path.split("/")[1:]
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "..":
            del resolved[-1:]
        elif segment != ".":
            resolved.append(segment)
        if last and segment in (".", ".."):
            resolved.append("")
    return "/" + "/".join(resolved)
