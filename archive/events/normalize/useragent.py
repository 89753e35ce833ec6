"""Browser, device and operating system of a request's client (Relay, user_agent.rs).

Client hints are read as Relay does. Of user agents, the common ones are known by the patterns of
ua-parser's uap-core; any other adds nothing, and so do the model names of Android devices. The
patterns are text, for the `re` module to compile and keep those that are needed.
"""

import re
from collections.abc import Iterable
from typing import Any

from archive.events.normalize.request import get_header

LONGEST_AGENT = 1024
BRAND = r'"([^"]*)";v="([^"]*)"'
NOT_BROWSERS = ("Brand", "Chromium", "Gecko", "WebKit")
BROWSERS = (
    ("Coc Coc", r"coc_coc_browser/(\d+)\.(\d+)(?:\.(\d+))?"),
    (
        "Edge Mobile",
        r"Edge?A?/(\d+)\.(\d+)(?:\.(\d+))? Mobile|EdgA/(\d+)\.(\d+)\.(\d+)",
    ),
    ("Edge", r"Edg(?:e|)/(\d+)\.(\d+)(?:\.(\d+))?"),
    ("Opera", r"Chrome/.*OPR/(\d+)\.(\d+)(?:\.(\d+))?"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)\.(\d+)"),
    ("Chrome Mobile iOS", r"CriOS/(\d+)\.(\d+)\.(\d+)"),
    ("Firefox iOS", r"FxiOS/(\d+)\.(\d+)(?:\.(\d+))?"),
    ("HeadlessChrome", r"HeadlessChrome/(\d+)\.(\d+)\.(\d+)"),
    ("Chrome Mobile WebView", r"; wv\).+Chrome/(\d+)\.(\d+)\.(\d+)"),
    ("Chrome Mobile", r"Chrome/(\d+)\.(\d+)\.(\d+)\S* Mobile"),
    ("Electron", r"Electron/(\d+)\.(\d+)\.(\d+)"),
    ("Chrome", r"Chrome/(\d+)\.(\d+)(?:\.(\d+))?"),
    ("Firefox Mobile", r"Mobile;.*Firefox/(\d+)\.(\d+)"),
    ("Firefox", r"Firefox/(\d+)\.(\d+)(?:\.(\d+))?"),
    ("Mobile Safari", r"iP(?:hone|ad|od).*Version/(\d+)\.(\d+)(?:\.(\d+))?.*Safari"),
    ("Safari", r"Version/(\d+)\.(\d+)(?:\.(\d+))?.*Safari/"),
    ("IE", r"MSIE (\d+)\.(\d+)|Trident/.*rv:(\d+)\.(\d+)"),
    ("curl", r"^curl/(\d+)\.(\d+)\.(\d+)"),
    ("Python Requests", r"python-requests/(\d+)\.(\d+)"),
)
SYSTEMS = (
    ("Windows", r"Windows NT (\d+\.\d+)"),
    ("Android", r"Android (\d+)(?:\.(\d+))?(?:\.(\d+))?"),
    ("iOS", r"iP(?:hone|ad|od).*? OS (\d+)_(\d+)(?:_(\d+))?"),
    ("Mac OS X", r"Mac OS X (\d+)[_.](\d+)(?:[_.](\d+))?"),
    ("Chrome OS", r"CrOS \S+ (\d+)\.(\d+)(?:\.(\d+))?"),
    ("Ubuntu", r"Ubuntu"),
    ("Linux", r"Linux"),
)
WINDOWS = {
    "5.1": "XP",
    "5.2": "XP",
    "6.0": "Vista",
    "6.1": "7",
    "6.2": "8",
    "6.3": "8.1",
    "6.4": "10",
    "10.0": "10",
}
FROZEN = {"Windows": "10", "Mac OS X": "10.15.7"}
"""Versions at which browsers stopped counting: the real one may be higher."""

APPLE_DEVICES = r"\b(iPhone|iPad|iPod)\b|\((Mac)intosh"


def add_client_contexts(event: dict[str, Any]) -> None:
    """Add the contexts that the headers of the request tell and the SDK did not send."""
    headers = (event.get("request") or {}).get("headers")
    if not headers:
        return
    agent = (get_header(headers, "User-Agent") or "")[:LONGEST_AGENT]
    contexts = event.get("contexts") or {}
    system_key = "os" if event.get("platform") == "javascript" else "client_os"
    found = {
        "browser": _read_brand(headers) or _match_agent(BROWSERS, agent),
        "device": _read_model(headers) or _match_device(agent),
        system_key: _read_platform(headers) or _match_system(agent),
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


def _match_agent(table: Iterable[tuple[str, str]], agent: str) -> dict[str, str] | None:
    for name, pattern in table:
        if match := re.search(pattern, agent):
            version = ".".join(part for part in match.groups() if part is not None)
            return {"name": name, **({"version": version} if version else {})}
    return None


def _match_system(agent: str) -> dict[str, str] | None:
    system = _match_agent(SYSTEMS, agent)
    if system and "version" in system:
        if system["name"] == "Windows":
            system["version"] = WINDOWS.get(system["version"], system["version"])
        if system["version"] == FROZEN.get(system["name"]):
            system["version"] = f">={system['version']}"
    return system


def _match_device(agent: str) -> dict[str, str] | None:
    match = re.search(APPLE_DEVICES, agent)
    if match is None:
        return None
    name = match[1] or match[2]
    return {"family": name, "model": name, "brand": "Apple"}


def _get_hint(headers: list[Any], name: str) -> str | None:
    for pair in headers:
        if pair and pair[0] and pair[1] and pair[0].lower() == name:
            hint: str = pair[1]
            return hint
    return None
