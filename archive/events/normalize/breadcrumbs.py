"""Breadcrumbs (Relay, protocol/breadcrumb.rs and `process_breadcrumb`)."""

from typing import Any

from archive.events.normalize.clean import clean_text
from archive.events.normalize.instants import read_timestamp
from archive.events.normalize.meta import Meta
from archive.events.normalize.scalars import (
    ENUM,
    MESSAGE,
    read_event_id,
    read_level,
)
from archive.events.normalize.shapes import Field, Keep, Struct, only_object, values
from archive.events.normalize.trim import MEDIUM, bag

read_fields = Struct(
    "breadcrumb",
    [
        Field("timestamp", read_timestamp),
        Field("type", ENUM, aliases=("ty",)),
        Field("category", ENUM),
        Field("level", read_level),
        Field("message", MESSAGE),
        Field("data", only_object(bag(MEDIUM)), Keep.FILLED),
        Field("event_id", read_event_id),
    ],
)


def read_breadcrumb(value: Any, meta: Meta) -> dict[str, Any] | None:
    """Read one breadcrumb with its default type and level; unknown keys are noted."""
    crumb = read_fields(value, meta)
    if crumb is None:
        return None
    if not crumb.get("type"):
        crumb["type"] = "default"
    if crumb.get("level") is None:
        crumb["level"] = "info"
    for key in read_fields.unknown(value):
        name = clean_text(key)
        crumb[name] = None
        meta[name] = {"": {"err": ["invalid_attribute"]}}
    return crumb


read_breadcrumbs = values(read_breadcrumb)
