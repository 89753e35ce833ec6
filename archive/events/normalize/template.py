"""The template an error occurred in (Relay, protocol/templateinfo.rs)."""

from archive.events.normalize.scalars import NAME, PATH, TEXT, read_unsigned
from archive.events.normalize.shapes import Field, Struct, array, fields

read_template = Struct(
    "templateinfo",
    [
        Field("filename", NAME),
        Field("abs_path", PATH),
        *fields(read_unsigned, "lineno", "colno"),
        Field("pre_context", array(TEXT)),
        Field("context_line", TEXT),
        Field("post_context", array(TEXT)),
    ],
)
