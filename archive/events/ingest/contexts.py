"""Contexts, with names and versions from raw descriptions of systems (Relay, contexts.rs).

The patterns are text, so that only those that are needed are compiled.
"""

import re
from typing import Any

from archive.events.ingest.request import normalize_response
from archive.events.protocol.bag import LARGE, bag
from archive.events.protocol.meta import Meta

WINDOWS = (
    r"(?:Microsoft\s+)?Windows\s+(?:NT\s+)?(?P<version>\d+\.\d+\.(?P<build>\d+)).*",
    r"Windows\s+\d+\s+\((?P<version>\d+\.\d+\.(?P<build>\d+)).*",
)
WINDOWS_NAMES = (
    (range(2600, 3791), "XP"),
    (range(6002, 6003), "Vista"),
    (range(7601, 7602), "7"),
    (range(9200, 9201), "8"),
    (range(9600, 9601), "8.1"),
    (range(10240, 19045), "10"),
    (range(22000, 23000), "11"),
)
SYSTEMS = (
    ("macOS", r"Mac OS X (?P<version>\d+\.\d+\.\d+)(?: \((?P<build>[a-fA-F0-9]+)\))?$"),
    ("iOS", r"iOS (?P<version>\d+\.\d+(?:\.\d+)?)"),
    ("iPadOS", r"iPadOS (?P<version>\d+\.\d+(?:\.\d+)?)"),
    (
        None,
        (
            r"Linux (?P<kernel_version>\d+\.\d+(?:\.\d+(?:\.[1-9]+)?)?) (?P<name>[a-zA-Z]+) "
            r"(?P<version>\d+(?:\.\d+){0,2})"
        ),
    ),
    (
        None,
        r"(?P<name>[a-zA-Z]+) (?P<kernel_version>\d+\.\d+(?:\.\d+(?:\.[1-9]+)?)?)",
    ),
    ("Android", r"Android (?:OS )?(?P<version>\d+(?:\.\d+){0,2}) / API-\d+"),
    ("Nintendo OS", r"Nintendo Switch$"),
    (None, r"(?P<name>[a-zA-Z]+) (?P<version>[0-9.-]*)$"),
)
DOTNET = r"(?P<name>.*) (?P<version>\d+\.\d+(?:\.\d+){0,2}).*"
DOTNET_BUILDS = {
    "4.5": "378389",
    "4.5.1": "378675 378758",
    "4.5.2": "379893",
    "4.6": "393295 393297",
    "4.6.1": "394254 394271",
    "4.6.2": "394802 394806",
    "4.7": "460798 460805",
    "4.7.1": "461308 461310",
    "4.7.2": "461808 461814",
    "4.8": "528040 528049 528209 528372 528449",
}
DOTNET_RELEASES = {
    build: version for version, builds in DOTNET_BUILDS.items() for build in builds.split()
}

limit_context = bag(LARGE)


def process_context(context: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Limit a context and set what its members imply."""
    kind = context.pop("type", None)
    limited: dict[str, Any] = limit_context(context, meta)
    if kind == "os":
        _normalize_os(limited)
    elif kind == "runtime":
        _normalize_runtime(limited)
    elif kind == "response":
        normalize_response(limited)
    elif kind == "trace" and limited.get("status") is None:
        limited["status"] = "unknown"
    limited["type"] = kind
    return limited


def process_contexts(contexts: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Drop the reprocessing context, which is Sentry's own."""
    contexts.pop("reprocessing", None)
    meta.pop("reprocessing", None)
    return contexts


def _normalize_os(context: dict[str, Any]) -> None:
    """Fill in name and version of an operating system from its raw description."""
    description = context.get("raw_description")
    if context.get("name") is not None or context.get("version") is not None or not description:
        return
    for pattern in WINDOWS:
        if match := re.fullmatch(pattern, description):
            context["name"] = "Windows"
            context["version"] = _name_windows(match["version"], int(match["build"]))
            context["build"] = context.get("build") or match["build"]
            return
    for name, pattern in SYSTEMS:
        if match := re.match(pattern, description):
            found = match.groupdict()
            if name is not None:
                found["name"] = name
            context.update({key: text for key, text in found.items() if text is not None})
            return


def _normalize_runtime(context: dict[str, Any]) -> None:
    """Fill in name and version of a .NET runtime from its raw description and release key."""
    description = context.get("raw_description")
    match = re.fullmatch(DOTNET, description) if isinstance(description, str) else None
    if match and not context.get("name") and not context.get("version"):
        context.update(match.groupdict())
    name, build = context.get("name"), context.get("build")
    if isinstance(name, str) and name.startswith(".NET Framework") and build in DOTNET_RELEASES:
        context["version"] = DOTNET_RELEASES[build]


def _name_windows(version: str, build: int) -> str:
    return next((name for builds, name in WINDOWS_NAMES if build in builds), version)
