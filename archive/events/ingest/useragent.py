"""Browser, device and operating system of a request's client (Relay, user_agent.rs).

Client hints come first. What they leave open is read from the user agent by ua-parser, with the
same rules (uap-core) as Relay's.
"""

import re
from typing import TYPE_CHECKING, Any

from archive.events.ingest.request import get_header

if TYPE_CHECKING:
    from ua_parser import OS, Device, Result, UserAgent

LONGEST_AGENT = 1024
BRAND = r'"([^"]*)";v="([^"]*)"'
NOT_BROWSERS = ("Brand", "Chromium", "Gecko", "WebKit")
FROZEN = {"Windows": "10", "Mac OS X": "10.15.7"}
"""Versions at which browsers stopped counting: the real one may be higher."""


def add_client_contexts(event: dict[str, Any]) -> None:
    """Add the contexts that the headers of the request contain and the SDK did not send."""
    headers = (event.get("request") or {}).get("headers")
    if not headers:
        return
    agent = (get_header(headers, "User-Agent") or "")[:LONGEST_AGENT]
    contexts = event.get("contexts") or {}
    system_key = "os" if event.get("platform") == "javascript" else "client_os"
    found = {
        "browser": _read_brand(headers) or _describe(_parse(agent).user_agent),
        "device": _read_model(headers) or _describe_device(_parse(agent).device),
        system_key: _read_platform(headers) or _describe(_parse(agent).os),
    }
    for alias, context in found.items():
        if context and not contexts.get(alias):
            kind = "os" if alias == system_key else alias
            contexts[alias] = {**context, "type": kind}
    if contexts:
        event["contexts"] = {alias: contexts[alias] for alias in sorted(contexts)}


def _read_brand(headers: list[Any]) -> dict[str, str] | None:
    for item in _get_hint(headers, "sec-ch-ua").split(","):
        if item and not any(word in item for word in NOT_BROWSERS):
            match = re.search(BRAND, item)
            if match and match[1].strip() and match[2].strip():
                return {"name": match[1], "version": match[2]}
            return None
    return None


def _read_model(headers: list[Any]) -> dict[str, str] | None:
    model = _unquote(_get_hint(headers, "sec-ch-ua-model"))
    return {"model": model} if model else None


def _read_platform(headers: list[Any]) -> dict[str, str] | None:
    name = _unquote(_get_hint(headers, "sec-ch-ua-platform"))
    version = _get_hint(headers, "sec-ch-ua-platform-version")
    if not name:
        return None
    return {"name": name, "version": _unquote(version)} if version else {"name": name}


def _describe(found: "UserAgent | OS | None") -> dict[str, str]:
    """Return the name and version of a browser or an operating system."""
    if found is None:
        return {}
    version = ".".join(filter(None, (found.major, found.minor, found.patch)))
    if not version:
        return {"name": found.family}
    is_frozen = version == FROZEN.get(found.family)
    return {"name": found.family, "version": f">={version}" if is_frozen else version}


def _describe_device(device: "Device | None") -> dict[str, str]:
    if device is None:
        return {}
    members = {"family": device.family, "model": device.model, "brand": device.brand}
    return {key: value for key, value in members.items() if value is not None}


def _parse(agent: str) -> "Result":
    """Parse a user agent; ua-parser keeps its results, and takes a while to load its rules."""
    from ua_parser import Result, parse

    return parse(agent) if agent else Result(None, None, None, agent)


def _get_hint(headers: list[Any], name: str) -> str:
    pairs = (pair for pair in headers if pair and pair[0] and pair[1])
    return next((value for key, value in pairs if key.lower() == name), "")


def _unquote(hint: str) -> str:
    return hint.strip().replace('"', "")
