"""The client SDK (Relay 24.9, protocol/clientsdk.rs)."""

from archive.events.protocol.containers import array
from archive.events.protocol.scalars import SYMBOL, TEXT, ip_address
from archive.events.protocol.skip import EMPTY, EMPTY_DEEP
from archive.events.protocol.struct import Field, Struct, fields

CLIENT_SDK_PACKAGE = Struct("clientsdkpackage", *fields(TEXT, "name version"), closed=True)

CLIENT_SDK_INFO = Struct(
    "clientsdkinfo",
    Field("name", SYMBOL, required=True),
    Field("version", SYMBOL, required=True),
    Field("integrations", array(TEXT), EMPTY_DEEP),
    Field("features", array(TEXT), EMPTY_DEEP),
    Field("packages", array(CLIENT_SDK_PACKAGE), EMPTY_DEEP),
    Field("client_ip", ip_address, EMPTY),
)
