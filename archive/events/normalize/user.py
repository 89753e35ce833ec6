"""The user (Relay, protocol/user.rs and `process_user`)."""

from typing import Any

from archive.events.normalize.clean import clean_text
from archive.events.normalize.meta import Meta
from archive.events.normalize.scalars import ENUM, TEXT, lenient, read_ip_address, text
from archive.events.normalize.shapes import Field, Keep, Struct, fields, mapping
from archive.events.normalize.trim import FREE, bag

GEO_TEXT = text(1024, 100)
NAMES = (("id", "id"), ("username", "username"), ("email", "email"), ("ip_address", "ip"))

read_any = bag(FREE)
read_fields = Struct(
    "user",
    [
        Field("id", lenient(ENUM), Keep.FILLED),
        Field("email", text(75), Keep.FILLED),
        Field("ip_address", read_ip_address, Keep.FILLED),
        Field("username", lenient(ENUM), Keep.FILLED),
        Field("name", ENUM, Keep.FILLED),
        Field(
            "geo",
            Struct("geo", fields(GEO_TEXT, "country_code", "city", "subdivision", "region")),
            Keep.FILLED_STRUCT,
        ),
        *fields(TEXT, "segment", "sentry_user", keep=Keep.FILLED),
        Field("data", mapping(read_any), Keep.FILLED),
    ],
)


def read_user(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read the user; unknown keys become members of `data`."""
    notes = dict(meta)
    user = read_fields(value, meta)
    if user is None:
        return None
    extra = read_fields.unknown(value)
    if extra:
        data = dict(user.get("data") or {})
        for key in extra:
            note = notes.get(key, {})
            name = clean_text(key)
            data[name] = None if value[key] is None else read_any(value[key], note)
            if note:
                meta.setdefault("data", {})[name] = note
        user["data"] = {key: data[key] for key in sorted(data)}
    return user


def identify_user(user: dict[str, Any]) -> dict[str, str]:
    """Give the member that becomes the tag `sentry:user` (Sentry, `EventUser.tag_value`)."""
    for name, label in NAMES:
        if user.get(name):
            return {"sentry_user": f"{label}:{user[name]}"}
    return {}
