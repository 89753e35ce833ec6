"""The user (Relay 24.9, protocol/user.rs)."""

from archive.events.protocol.bag import any_value
from archive.events.protocol.containers import mapping
from archive.events.protocol.scalars import ENUM, TEXT, ip_address, lenient, text
from archive.events.protocol.skip import EMPTY
from archive.events.protocol.struct import Field, Struct, fields

GEO = Struct("geo", *fields(text(1024, 100), "country_code city subdivision region"))

USER = Struct(
    "user",
    Field("id", lenient(ENUM), EMPTY),
    Field("email", text(75), EMPTY),
    Field("ip_address", ip_address, EMPTY),
    Field("username", lenient(ENUM), EMPTY),
    Field("name", ENUM, EMPTY),
    Field("geo", GEO, EMPTY),
    Field("segment", TEXT, EMPTY),
    Field("sentry_user", TEXT, EMPTY),
    Field("data", mapping(any_value()), EMPTY),
    retain=True,  # until ingestion has moved them to data
)
