"""Exceptions, and how they came about (Relay, normalize/mechanism.rs)."""

import re
from typing import Any

from archive.events.ingest.codes import ERRNO_NAMES, MACH_NAMES, SIGNAL_CODES, SIGNAL_NAMES
from archive.events.protocol.exception import EXCEPTION
from archive.events.protocol.meta import Meta, add_error, reject, withdraw

ADDED_FIELDS = frozenset({"raw_value", "raw_module", "raw_type"})
"""Newer than the other fields, and not listed by the Relay of 2024-09."""
ORIGINAL_FIELDS = sorted({field.name for field in EXCEPTION.table} - ADDED_FIELDS)
TYPE_IN_VALUE = re.compile(r"(\w+):(.*)")
SYSTEMS = {
    **dict.fromkeys(("ios", "watchos", "tvos", "macos"), "darwin"),
    **dict.fromkeys(("linux", "android"), "linux"),
    "windows": "windows",
}


def process_exception(exception: dict[str, Any], meta: Meta) -> dict[str, Any] | None:
    """Check that an exception has a type or a value, and split `Type: text`."""
    match = TYPE_IN_VALUE.fullmatch(exception.get("value") or "")
    if match and not exception.get("type"):
        exception["type"], exception["value"] = match[1], match[2].strip()
    if not exception.get("type") and not exception.get("value"):
        add_error(meta, "missing_attribute", attribute="type or value")
        complete = {name: exception.get(name) for name in ORIGINAL_FIELDS}
        return withdraw(meta, complete)
    return exception


def finish_exceptions(event: dict[str, Any], meta: Meta, system: str | None) -> None:
    """Move a lone stack trace to a lone exception, and name the system's error codes.

    Relay, `normalize_exceptions`.
    """
    exceptions = (event.get("exception") or {}).get("values") or []
    if len(exceptions) == 1 and exceptions[0] is not None and event.get("stacktrace"):
        exceptions[0]["stacktrace"] = event.pop("stacktrace")
        note = meta.pop("stacktrace", None)
        if note:
            own = meta.setdefault("exception", {}).setdefault("values", {}).setdefault("0", {})
            own["stacktrace"] = note
    for exception in exceptions:
        if exception and exception.get("mechanism"):
            name_codes(exception["mechanism"], system)


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
