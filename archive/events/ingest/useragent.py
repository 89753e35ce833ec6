"""Browser, device and operating system of a request's client (Relay, user_agent.rs).

Client hints come first. What they leave open is read from the user agent by ua-parser, with the
same rules (uap-core) as Relay's.
"""

import re
from typing import TYPE_CHECKING, Any

from archive.events.ingest.request import get_header

if TYPE_CHECKING:
    from ua_parser import Result

LONGEST_AGENT = 1024
BRAND = r'"([^"]*)";v="([^"]*)"'
NOT_BROWSERS = ("Brand", "Chromium", "Gecko", "WebKit")
FROZEN = {"Windows": "10", "Mac OS X": "10.15.7"}
"""Versions at which browsers stopped counting: the real one may be higher."""


def add_client_contexts(event: dict[str, Any]) -> None:
    """Add the contexts that the headers of the request tell and the SDK did not send."""
    headers = (event.get("request") or {}).get("headers")
    if not headers:
        return
    agent = (get_header(headers, "User-Agent") or "")[:LONGEST_AGENT]
    contexts = event.get("contexts") or {}
    system_key = "os" if event.get("platform") == "javascript" else "client_os"
    found = {
        "browser": _read_brand(headers) or _find_browser(agent),
        "device": _read_model(headers) or _find_device(agent),
        system_key: _read_platform(headers) or _find_system(agent),
    }
    for alias, context in found.items():
        if context and not contexts.get(alias):
            kind = "os" if alias == system_key else alias
            contexts[alias] = {**context, "type": kind}
    if contexts:
        event["contexts"] = {alias: contexts[alias] for alias in sorted(contexts)}


def _read_brand(headers: list[Any]) -> dict[str, str] | None:
    for item in (_get_hint(headers, "sec-ch-ua") or "").split(","):
        if item and not any(word in item for word in NOT_BROWSERS):
            match = re.search(BRAND, item)
            if match and match[1].strip() and match[2].strip():
                return {"name": match[1], "version": match[2]}
            return None
    return None


def _read_model(headers: list[Any]) -> dict[str, str] | None:
    model = (_get_hint(headers, "sec-ch-ua-model") or "").strip().replace('"', "")
    return {"model": model} if model else None


def _read_platform(headers: list[Any]) -> dict[str, str] | None:
    name = (_get_hint(headers, "sec-ch-ua-platform") or "").strip().replace('"', "")
    version = _get_hint(headers, "sec-ch-ua-platform-version")
    if not name:
        return None
    return {"name": name, **({"version": version.strip().replace('"', "")} if version else {})}


def _find_browser(agent: str) -> dict[str, str] | None:
    browser = _parse(agent).user_agent
    if browser is None:
        return None
    return _name_version(browser.family, browser.major, browser.minor, browser.patch)


def _find_system(agent: str) -> dict[str, str] | None:
    found = _parse(agent).os
    if found is None:
        return None
    system = _name_version(found.family, found.major, found.minor, found.patch)
    if system.get("version") == FROZEN.get(found.family, ""):
        system["version"] = f">={system['version']}"
    return system


def _find_device(agent: str) -> dict[str, str] | None:
    device = _parse(agent).device
    if device is None:
        return None
    members = {"family": device.family, "model": device.model, "brand": device.brand}
    return {key: value for key, value in members.items() if value is not None}


def _name_version(name: str, *numbers: str | None) -> dict[str, str]:
    version = ".".join(number for number in numbers if number)
    return {"name": name, "version": version} if version else {"name": name}


def _parse(agent: str) -> "Result":
    """ua-parser takes a fifth of a second to load its rules; it keeps its own results."""
    from ua_parser import parse

    return parse(agent)


def _get_hint(headers: list[Any], name: str) -> str | None:
    for pair in headers:
        if pair and pair[0] and pair[1] and pair[0].lower() == name:
            hint: str = pair[1]
            return hint
    return None
