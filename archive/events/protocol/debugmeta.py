"""Debug images by type, and the system's SDK (Relay 24.9, protocol/debugmeta.rs)."""

import re
from typing import Any

from archive.events.protocol.bag import any_value
from archive.events.protocol.containers import array
from archive.events.protocol.meta import Meta, add_error, reject
from archive.events.protocol.mode import Mode, Reader, Type, by_mode
from archive.events.protocol.scalars import ADDR, TEXT, formatted, is_hex, unsigned, uuid
from archive.events.protocol.struct import EMPTY, Field, Struct, fields
from archive.events.protocol.values import compile_once

STORED_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PARTS = (
    r"(?i)([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})"
    r"(?:-?([0-9a-f]{1,8}))?"
)


def _read_debug_id(value: Any, meta: Meta) -> str | None:
    """Read a debug ID: a UUID with an optional age (crate `debugid`)."""
    if type(value) is not str:
        return reject(meta, "a debug identifier", value)
    lowered = value.lower()
    if compile_once(STORED_UUID).fullmatch(lowered):
        return lowered
    match = compile_once(PARTS).fullmatch(value)
    if match is None:
        return add_error(meta, "invalid_data", value, reason="invalid debug identifier")
    *parts, age = match.groups()
    suffix = f"-{int(age, 16):x}" if age and int(age, 16) else ""
    return "-".join(parts).lower() + suffix


def _read_code_id(value: Any, meta: Meta) -> str | None:
    """Read a code ID: hexadecimal digits, without any other characters."""
    if type(value) is not str:
        return reject(meta, "a code identifier", value)
    return value if is_hex(value) else "".join(re.findall("(?i)[0-9a-f]*", value)).lower()


DEBUG_ID = formatted(_read_debug_id)
CODE_ID = formatted(_read_code_id)
UUID = formatted(uuid("a uuid", "-"))

NATIVE = Struct(
    "nativedebugimage",
    Field("code_id", CODE_ID),
    Field("code_file", TEXT, required=True, aliases=("name",)),
    Field("debug_id", DEBUG_ID, required=True, aliases=("id",)),
    *fields(TEXT, "debug_file debug_checksum arch"),
    Field("image_addr", ADDR),
    Field("image_size", unsigned),
    Field("image_vmaddr", ADDR),
)

APPLE = Struct(
    "appledebugimage",
    *fields(TEXT, "name arch"),
    *fields(unsigned, "cpu_type cpu_subtype"),
    Field("image_addr", ADDR),
    Field("image_size", unsigned),
    Field("image_vmaddr", ADDR),
    Field("uuid", UUID),
)

APPLE_AS_MACHO = Struct(
    "appledebugimage",
    Field("code_file", TEXT, required=True, aliases=("name",)),
    Field("debug_id", DEBUG_ID, required=True, aliases=("uuid",)),
    Field("arch", TEXT),
    Field("image_addr", ADDR, required=True),
    Field("image_size", unsigned, required=True),
    Field("image_vmaddr", ADDR),
)
"""Apple's old form, which ingestion turns into `macho` (Relay, legacy.rs)."""

PROGUARD = Struct("proguarddebugimage", Field("uuid", UUID, required=True))

SOURCE_MAP = Struct(
    "sourcemapdebugimage",
    Field("code_file", TEXT, required=True),
    Field("debug_id", DEBUG_ID, required=True),
    Field("debug_file", TEXT),
)

JVM = Struct("jvmdebugimage", Field("debug_id", DEBUG_ID, required=True))

IMAGES: dict[str, Type] = {
    **dict.fromkeys(("macho", "elf", "pe", "pe_dotnet", "symbolic", "wasm"), NATIVE),
    "apple": by_mode(ingest=APPLE_AS_MACHO, stored=APPLE),
    "proguard": PROGUARD,
    "sourcemap": SOURCE_MAP,
    "jvm": JVM,
}


def debug_image(mode: Mode) -> Reader:
    """Compile images by type; ingestion rejects unknown types."""
    read_any = mode.compile(any_value())
    is_stored = mode.is_renormalize

    def read(value: Any, meta: Meta) -> Any:
        if type(value) is not dict:
            return reject(meta, "an object" if is_stored else "debugimage", value)
        kind = value.get("type")
        image_type = IMAGES.get(kind) if type(kind) is str else None
        if image_type is None:
            if is_stored:
                return read_any(value, meta)
            return add_error(meta, "invalid_data", value, reason="unsupported debug image type")
        if is_stored:
            value = dict(value)
            del value["type"]
        image = mode.compile(image_type)(value, meta)
        if image is not None:
            image["type"] = "macho" if kind == "apple" and not is_stored else kind
        return image

    return read


SYSTEM_SDK_INFO = Struct(
    "systemsdkinfo",
    Field("sdk_name", TEXT),
    *fields(unsigned, "version_major version_minor version_patchlevel"),
)

DEBUG_META = Struct(
    "debugmeta",
    Field("sdk_info", SYSTEM_SDK_INFO, EMPTY),
    Field("images", array(debug_image), EMPTY),
)
