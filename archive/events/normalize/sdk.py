"""The client SDK (Relay, protocol/clientsdk.rs)."""

from archive.events.normalize.scalars import SYMBOL, TEXT, read_ip_address
from archive.events.normalize.shapes import Field, Keep, Struct, array, fields

read_sdk = Struct(
    "clientsdkinfo",
    [
        Field("name", SYMBOL, required=True),
        Field("version", SYMBOL, required=True),
        *fields(array(TEXT), "integrations", "features", keep=Keep.DEEP_FILLED),
        Field(
            "packages",
            array(Struct("clientsdkpackage", fields(TEXT, "name", "version"))),
            Keep.DEEP_FILLED,
        ),
        Field("client_ip", read_ip_address, Keep.FILLED),
    ],
)
