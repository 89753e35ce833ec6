"""The template in which an error occurred (Relay 24.9, protocol/templateinfo.rs)."""

from archive.events.protocol.containers import array
from archive.events.protocol.scalars import NAME, PATH, TEXT, unsigned
from archive.events.protocol.struct import Field, Struct

TEMPLATE_INFO = Struct(
    "templateinfo",
    Field("filename", NAME),
    Field("abs_path", PATH),
    Field("lineno", unsigned),
    Field("colno", unsigned),
    Field("pre_context", array(TEXT)),
    Field("context_line", TEXT),
    Field("post_context", array(TEXT)),
)
