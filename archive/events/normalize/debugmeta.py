"""Debug images and the system's SDK (Relay, protocol/debugmeta.rs and legacy.rs)."""

import re
from typing import Any

from archive.events.normalize.meta import Meta, add_error, reject
from archive.events.normalize.scalars import (
    TEXT,
    read_address,
    read_unsigned,
    read_uuid,
)
from archive.events.normalize.shapes import Field, Keep, Struct, array, fields

STORED_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DEBUG_ID = re.compile(
    r"([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})"
    r"(?:-?([0-9a-f]{1,8}))?",
    re.IGNORECASE,
)
STORED_CODE_ID = re.compile(r"[0-9a-f]+")
CODE_ID = re.compile(r"[0-9a-f]*", re.IGNORECASE)


def read_debug_id(value: Any, meta: Meta) -> str | None:
    """Read a debug id: a UUID with an optional age (crate `debugid`)."""
    if not isinstance(value, str):
        return reject(meta, "a debug identifier", value)
    lowered = value.lower()
    if STORED_UUID.fullmatch(lowered):
        return lowered
    match = DEBUG_ID.fullmatch(value)
    if match is None:
        return add_error(meta, "invalid_data", value, reason="invalid debug identifier")
    *parts, age = match.groups()
    suffix = f"-{int(age, 16):x}" if age and int(age, 16) else ""
    return "-".join(parts).lower() + suffix


def read_code_id(value: Any, meta: Meta) -> str | None:
    """Read a code id: hexadecimal digits, other characters being left out."""
    if not isinstance(value, str):
        return reject(meta, "a code identifier", value)
    return value if STORED_CODE_ID.fullmatch(value) else "".join(CODE_ID.findall(value)).lower()


read_native = Struct(
    "nativedebugimage",
    [
        Field("code_id", read_code_id),
        Field("code_file", TEXT, required=True, aliases=("name",)),
        Field("debug_id", read_debug_id, required=True, aliases=("id",)),
        *fields(TEXT, "debug_file", "debug_checksum", "arch"),
        Field("image_addr", read_address),
        Field("image_size", read_unsigned),
        Field("image_vmaddr", read_address),
    ],
)
read_apple = Struct(
    "appledebugimage",
    [
        Field("code_file", TEXT, required=True, aliases=("name",)),
        Field("debug_id", read_debug_id, required=True, aliases=("uuid",)),
        Field("arch", TEXT),
        Field("image_addr", read_address, required=True),
        Field("image_size", read_unsigned, required=True),
        Field("image_vmaddr", read_address),
    ],
)
IMAGES = {
    **dict.fromkeys(("macho", "elf", "pe", "pe_dotnet", "symbolic", "wasm"), read_native),
    "apple": read_apple,
    "proguard": Struct("proguarddebugimage", [Field("uuid", read_uuid, required=True)]),
    "sourcemap": Struct(
        "sourcemapdebugimage",
        [
            Field("code_file", TEXT, required=True),
            Field("debug_id", read_debug_id, required=True),
            Field("debug_file", TEXT),
        ],
    ),
    "jvm": Struct("jvmdebugimage", [Field("debug_id", read_debug_id, required=True)]),
}


def read_image(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one debug image by its type; Apple's old form becomes `macho`."""
    if not isinstance(value, dict):
        return reject(meta, "debugimage", value)
    kind = value.get("type")
    reader = IMAGES.get(kind) if isinstance(kind, str) else None
    if reader is None:
        return add_error(meta, "invalid_data", value, reason="unsupported debug image type")
    image = reader(value, meta)
    if image is not None:
        image["type"] = "macho" if kind == "apple" else kind
    return image


read_debug_meta = Struct(
    "debugmeta",
    [
        Field(
            "sdk_info",
            Struct(
                "systemsdkinfo",
                [
                    Field("sdk_name", TEXT),
                    *fields(read_unsigned, "version_major", "version_minor", "version_patchlevel"),
                ],
            ),
            Keep.FILLED_STRUCT,
        ),
        Field("images", array(read_image), Keep.FILLED),
    ],
)
