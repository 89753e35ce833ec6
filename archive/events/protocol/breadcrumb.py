"""Breadcrumbs (Relay 24.9, protocol/breadcrumb.rs)."""

from archive.events.protocol.bag import MEDIUM, any_object
from archive.events.protocol.scalars import (
    ENUM,
    MESSAGE,
    formatted,
    level,
    read_event_id,
)
from archive.events.protocol.skip import EMPTY
from archive.events.protocol.struct import Field, Struct
from archive.events.protocol.timestamp import timestamp

BREADCRUMB = Struct(
    "breadcrumb",
    Field("timestamp", timestamp),
    Field("type", ENUM, aliases=("ty",)),
    Field("category", ENUM),
    Field("level", level),
    Field("message", MESSAGE),
    Field("data", any_object(MEDIUM), EMPTY),
    Field("event_id", formatted(read_event_id)),
    retain=True,  # until ingestion has noted them as errors
)
