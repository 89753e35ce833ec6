"""Debug images, whose members depend on their type.

Source: Relay 24.9, relay-event-schema `protocol/debugmeta.rs`.
"""

from typing import Any

from archive.events.serializer.renormalize.rules import (
    EMPTY,
    KEEP,
    Meta,
    Rule,
    anything,
    array,
    fields,
    own_note,
    reject,
    struct,
    text,
)
from archive.events.serializer.renormalize.scalars import address, unsigned

_native_image = struct(
    *fields(text, "code_id code_file debug_id debug_file debug_checksum arch"),
    *fields(address, "image_addr"),
    *fields(unsigned, "image_size"),
    *fields(address, "image_vmaddr"),
    aliases={"name": "code_file", "id": "debug_id"},
)

_IMAGES: dict[str, Rule] = {
    **dict.fromkeys(("elf", "macho", "pe", "pe_dotnet", "symbolic", "wasm"), _native_image),
    **dict.fromkeys(("sourcemap", "jvm"), struct(*fields(text, "code_file debug_id debug_file"))),
    "apple": struct(
        *fields(text, "name arch"),
        *fields(unsigned, "cpu_type cpu_subtype"),
        *fields(address, "image_addr"),
        *fields(unsigned, "image_size"),
        *fields(address, "image_vmaddr"),
        *fields(text, "uuid"),
    ),
    "proguard": struct(*fields(text, "uuid")),
}


def _read_image(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if value is None:
        return None, own_note(meta)
    if type(value) is not dict:
        return reject(value, meta, "expected an object")
    kind = value.get("type")
    rule = _IMAGES.get(kind) if type(kind) is str else None
    if rule is None:
        return anything(value, meta)
    members = dict(value)
    del members["type"]
    image, notes = rule(members, meta)
    image["type"] = kind
    return image, notes


debug_meta = struct(
    (
        "sdk_info",
        struct(
            *fields(text, "sdk_name"),
            *fields(unsigned, "version_major version_minor version_patchlevel"),
        ),
        KEEP,
    ),
    ("images", array(_read_image), EMPTY),
)
