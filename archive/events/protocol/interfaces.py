"""Small interfaces: tags, log entry, breadcrumbs, user, client SDK and template.

Source: Relay 24.9, relay-event-schema
`protocol/{breadcrumb,clientsdk,logentry,tags,templateinfo,user}.rs`.
"""

from typing import Any

from archive.events.protocol.bag import MEDIUM, any_object, any_value
from archive.events.protocol.containers import array, mapping, pairs
from archive.events.protocol.meta import Meta, push_down
from archive.events.protocol.mode import converted, expect
from archive.events.protocol.scalars import (
    ENUM,
    EVENT_ID,
    MESSAGE,
    NAME,
    PATH,
    SYMBOL,
    TEXT,
    ip_address,
    lenient,
    level,
    text,
    timestamp,
    unsigned,
    without,
)
from archive.events.protocol.struct import EMPTY, EMPTY_DEEP, Field, Struct, fields
from archive.events.protocol.values import to_json

TAG_KEY = converted(lenient(TEXT), lambda key, meta: key.replace(" ", "-").strip())
TAG_VALUE = without("\n", converted(lenient(TEXT), lambda text, meta: text.strip()))
TAGS = pairs(TAG_KEY, TAG_VALUE)


def _coerce_message(value: Any, meta: Meta) -> Any:
    """Accept the old top-level message, which was a text or any other value but false."""
    if type(value) is dict:
        return value
    if value is False:
        meta.clear()
        return None
    push_down(meta, "formatted")
    return {"formatted": value if type(value) is str else to_json(value)}


LOG_ENTRY = Struct(
    "logentry",
    *fields(MESSAGE, "message formatted"),
    Field("params", expect("message parameters", (dict, list), any_value(MEDIUM))),
    coerce=_coerce_message,
)

BREADCRUMB = Struct(
    "breadcrumb",
    Field("timestamp", timestamp),
    Field("type", ENUM, aliases=("ty",)),
    Field("category", ENUM),
    Field("level", level),
    Field("message", MESSAGE),
    Field("data", any_object(MEDIUM), EMPTY),
    Field("event_id", EVENT_ID),
    retain=True,  # until ingestion has noted them as errors
)

GEO = Struct("geo", *fields(text(1024, 100), "country_code city subdivision region"))

USER = Struct(
    "user",
    Field("id", lenient(ENUM), EMPTY),
    Field("email", text(75), EMPTY),
    Field("ip_address", ip_address, EMPTY),
    Field("username", lenient(ENUM), EMPTY),
    Field("name", ENUM, EMPTY),
    Field("geo", GEO, EMPTY),
    *fields(TEXT, "segment sentry_user", EMPTY),
    Field("data", mapping(any_value()), EMPTY),
    retain=True,  # until ingestion has moved them to data
)

CLIENT_SDK_PACKAGE = Struct("clientsdkpackage", *fields(TEXT, "name version"), closed=True)

CLIENT_SDK_INFO = Struct(
    "clientsdkinfo",
    Field("name", SYMBOL, required=True),
    Field("version", SYMBOL, required=True),
    *fields(array(TEXT), "integrations features", EMPTY_DEEP),
    Field("packages", array(CLIENT_SDK_PACKAGE), EMPTY_DEEP),
    Field("client_ip", ip_address, EMPTY),
)

TEMPLATE_INFO = Struct(
    "templateinfo",
    Field("filename", NAME),
    Field("abs_path", PATH),
    *fields(unsigned, "lineno colno"),
    Field("pre_context", array(TEXT)),
    Field("context_line", TEXT),
    Field("post_context", array(TEXT)),
)
