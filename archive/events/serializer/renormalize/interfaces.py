"""The interfaces without stack traces: message, user, request, breadcrumbs, reports and so on.

Source: Relay 24.9, relay-event-schema `protocol/*.rs`, one file an interface.
"""

import json
from typing import Any

from archive.events.serializer.renormalize.pairs import cookies, headers, query
from archive.events.serializer.renormalize.rules import (
    EMPTY,
    HOLLOW,
    KEEP,
    Meta,
    anything,
    array,
    bag,
    dense,
    own_note,
    reject,
    sort_keys,
    struct,
    text,
    values,
)
from archive.events.serializer.renormalize.scalars import (
    ip_address,
    lenient_text,
    level,
    timestamp,
    unsigned,
)

user = struct(
    ("id", lenient_text, EMPTY),
    ("email", text, EMPTY),
    ("ip_address", ip_address, EMPTY),
    ("username", lenient_text, EMPTY),
    ("name", text, EMPTY),
    (
        "geo",
        struct(
            ("country_code", text, KEEP),
            ("city", text, KEEP),
            ("subdivision", text, KEEP),
            ("region", text, KEEP),
        ),
        HOLLOW,
    ),
    ("segment", text, EMPTY),
    ("sentry_user", text, EMPTY),
    ("data", bag, EMPTY),
)

request = struct(
    ("url", text, KEEP),
    ("method", text, KEEP),
    ("protocol", text, KEEP),
    ("data", anything, KEEP),
    ("query_string", query, EMPTY),
    ("fragment", text, EMPTY),
    ("cookies", cookies, EMPTY),
    ("headers", headers, EMPTY),
    ("body_size", unsigned, KEEP),
    ("env", bag, EMPTY),
    ("inferred_content_type", text, EMPTY),
    ("api_target", text, KEEP),
)

breadcrumbs = values(
    struct(
        ("timestamp", timestamp, KEEP),
        ("type", text, KEEP),
        ("category", text, KEEP),
        ("level", level, KEEP),
        ("message", text, KEEP),
        ("data", bag, EMPTY),
        ("event_id", text, KEEP),
    )
)

template = struct(
    ("filename", text, KEEP),
    ("abs_path", text, KEEP),
    ("lineno", unsigned, KEEP),
    ("colno", unsigned, KEEP),
    ("pre_context", array(text), EMPTY),
    ("context_line", text, KEEP),
    ("post_context", array(text), EMPTY),
)

sdk = struct(
    ("name", text, KEEP),
    ("version", text, KEEP),
    ("integrations", array(text), EMPTY),
    ("features", array(text), EMPTY),
    (
        "packages",
        array(struct(("name", text, KEEP), ("version", text, KEEP), closed=True)),
        EMPTY,
    ),
    ("client_ip", ip_address, KEEP),
)

errors = dense(struct(("type", text, KEEP), ("name", text, KEEP), ("value", anything, KEEP)))

ingest_path = array(struct(("version", text, KEEP), ("public_key", text, KEEP)))

transaction_info = struct(
    ("source", text, KEEP),
    ("original", text, KEEP),
    ("changes", anything, KEEP),
    ("propagations", unsigned, KEEP),
)


def _read_parameters(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if value is None or type(value) in (dict, list):
        return anything(value, meta)
    return reject(value, None, "expected message parameters")


_logentry = struct(
    ("message", text, KEEP),
    ("formatted", text, KEEP),
    ("params", _read_parameters, KEEP),
)


def logentry(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """A message, also given as the text alone or, long ago, as any other value."""
    if value is None or type(value) is dict:
        return _logentry(value, meta) if value is not None else (None, own_note(meta))
    if value is False:
        return None, None
    if type(value) is not str:
        value = json.dumps(sort_keys(value), ensure_ascii=False, separators=(",", ":"))
    return _logentry({"formatted": value}, {"formatted": meta} if meta else None)
