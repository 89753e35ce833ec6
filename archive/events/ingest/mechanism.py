"""How an exception came about (Relay, normalize/mechanism.rs)."""

from typing import Any

from archive.events.ingest.codes import ERRNO_NAMES, MACH_NAMES, SIGNAL_CODES, SIGNAL_NAMES
from archive.events.protocol.meta import Meta, reject

SYSTEMS = {
    **dict.fromkeys(("ios", "watchos", "tvos", "macos"), "darwin"),
    **dict.fromkeys(("linux", "android"), "linux"),
    "windows": "windows",
}


def process_mechanism(mechanism: dict[str, Any], meta: Meta) -> dict[str, Any]:
    """Check the help link (Relay, `normalize_mechanism`)."""
    link = mechanism.get("help_link")
    if link is not None and not link.startswith(("http://", "https://")):
        mechanism["help_link"] = reject(meta.setdefault("help_link", {}), "http URL", link)
    return mechanism


def name_codes(mechanism: dict[str, Any], system: str | None) -> None:
    """Add the names of the system's error codes (Relay, `normalize_mechanism`)."""
    details = mechanism.get("meta") or {}
    if system is not None:
        _name(details.get("errno"), "name", "number", ERRNO_NAMES[system])
        _name(details.get("signal"), "name", "number", SIGNAL_NAMES.get(system, {}))
        if system == "darwin":
            signal = details.get("signal") or {}
            _name(signal, "code_name", "code", SIGNAL_CODES.get(signal.get("number", 0), {}))
    _name(details.get("mach_exception"), "name", "exception", MACH_NAMES)


def find_system(event: dict[str, Any]) -> str | None:
    """Find the family of the operating system (Relay, `OsHint::from_event`)."""
    sdk_info = (event.get("debug_meta") or {}).get("sdk_info") or {}
    context = (event.get("contexts") or {}).get("os") or {}
    name = sdk_info.get("sdk_name")
    if name is None and context.get("type") == "os":
        name = context.get("name")
    return SYSTEMS.get(name.lower()) if isinstance(name, str) else None


def _name(details: Any, target: str, source: str, names: dict[int, str]) -> None:
    if details and details.get(target) is None and details.get(source) in names:
        details[target] = names[details[source]]
