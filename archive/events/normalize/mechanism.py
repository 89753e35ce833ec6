"""How an exception came about (Relay, protocol/mechanism.rs and mechanism.rs)."""

from typing import Any

from archive.events.normalize.codes import ERRNO_NAMES, MACH_NAMES, SIGNAL_CODES, SIGNAL_NAMES
from archive.events.normalize.meta import Meta, reject
from archive.events.normalize.scalars import (
    ENUM,
    MESSAGE,
    PATH,
    TEXT,
    filled,
    read_bool,
    read_signed,
    read_unsigned,
    without,
)
from archive.events.normalize.shapes import Field, Keep, Struct, fields, only_object
from archive.events.normalize.trim import MEDIUM, bag

SYSTEMS = {
    "ios": "darwin",
    "watchos": "darwin",
    "tvos": "darwin",
    "macos": "darwin",
    "linux": "linux",
    "android": "linux",
    "windows": "windows",
}

read_data = only_object(bag(MEDIUM))
read_meta = Struct(
    "mechanismmeta",
    [
        Field("errno", Struct("cerror", [Field("number", read_signed), Field("name", TEXT)])),
        Field(
            "signal",
            Struct(
                "posixsignal",
                [*fields(read_signed, "number", "code"), *fields(TEXT, "name", "code_name")],
            ),
        ),
        Field(
            "mach_exception",
            Struct(
                "machexception",
                [
                    Field("exception", read_signed),
                    *fields(read_unsigned, "code", "subcode"),
                    Field("name", TEXT),
                ],
            ),
        ),
        Field("ns_error", Struct("nserror", [Field("code", read_signed), Field("domain", TEXT)])),
    ],
)
read_fields = Struct(
    "newmechanism",
    [
        Field("type", filled(ENUM), required=True),
        Field("synthetic", read_bool),
        Field("description", MESSAGE),
        Field("help_link", filled(PATH)),
        Field("handled", read_bool),
        Field("source", filled(without(" \t\r\n", ENUM))),
        Field("is_exception_group", read_bool),
        *fields(read_unsigned, "exception_id", "parent_id"),
        Field("data", read_data, Keep.FILLED),
        Field("meta", read_meta, Keep.FILLED_STRUCT),
    ],
)


def read_mechanism(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read a mechanism, also in its form before `type` existed."""
    if not isinstance(value, dict):
        return reject(meta, "exception mechanism", value)
    if not value:
        return None
    mechanism = read_fields(value if "type" in value else _modernize(value), meta)
    if mechanism is not None:
        _check_help_link(mechanism, meta)
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


def _modernize(value: dict[str, Any]) -> dict[str, Any]:
    details: dict[str, Any] = {}
    data = dict(value)
    signal = data.pop("posix_signal", None)
    if isinstance(signal, dict):
        names = {"number": "signal", "code": "code", "name": "name", "code_name": "code_name"}
        details["signal"] = {new: signal.get(old) for new, old in names.items()}
    mach = data.pop("mach_exception", None)
    if isinstance(mach, dict):
        details["mach_exception"] = {**mach, "name": mach.get("exception_name")}
    return {"type": "generic", "data": data, "meta": details}


def _check_help_link(mechanism: dict[str, Any], meta: Meta) -> None:
    link = mechanism.get("help_link")
    if link is not None and not link.startswith(("http://", "https://")):
        mechanism["help_link"] = reject(meta.setdefault("help_link", {}), "http URL", link)


def _name(details: Any, target: str, source: str, names: dict[int, str]) -> None:
    if details and details.get(target) is None and details.get(source) in names:
        details[target] = names[details[source]]
