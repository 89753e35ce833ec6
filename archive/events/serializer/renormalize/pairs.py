"""Lists of pairs: tags, headers, cookies and query strings, also given as objects or text.

Source: Relay 24.9, relay-event-schema `protocol/{types,tags,request}.rs`.
"""

from typing import Any
from urllib.parse import parse_qsl, unquote

from archive.events.serializer.renormalize.rules import Meta, Rule, array, own_note, reject, text
from archive.events.serializer.renormalize.scalars import json_text, lenient_text


def pair(first: Rule, second: Rule) -> Rule:
    """A list of exactly two items."""

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if value is None:
            return None, own_note(meta)
        if type(value) is not list or len(value) != 2:
            return reject(value, meta, "expected a tuple")
        nodes = meta if type(meta) is dict else {}
        key, key_note = first(value[0], nodes.get("0"))
        member, member_note = second(value[1], nodes.get("1"))
        notes = own_note(meta) or {}
        if key_note:
            notes["0"] = key_note
        if member_note:
            notes["1"] = member_note
        return [key, member], notes or None

    return read


def pairs(first: Rule, second: Rule) -> Rule:
    """A list of pairs, or an object taken as one."""
    read_list = array(pair(first, second))

    def read(value: Any, meta: Meta) -> tuple[Any, Meta]:
        if type(value) is dict:
            keys = sorted(value)
            nodes = meta if type(meta) is dict else {}
            meta = {str(i): {"1": nodes[key]} for i, key in enumerate(keys) if key in nodes} | (
                own_note(meta) or {}
            )
            value = [[key, value[key]] for key in keys]
        return read_list(value, meta or None)

    return read


def _read_tag_key(value: Any, meta: Meta) -> tuple[Any, Meta]:
    key, note = lenient_text(value, meta)
    return (key if key is None else key.replace(" ", "-").strip()), note


def _read_tag_value(value: Any, meta: Meta) -> tuple[Any, Meta]:
    shown, note = lenient_text(value, meta)
    return (shown if shown is None else shown.strip()), note


def _read_header_name(value: Any, meta: Meta) -> tuple[Any, Meta]:
    name, note = text(value, meta)
    if name:
        name = "-".join(part[:1].upper() + part[1:] for part in name.split("-"))
    return name, note


def _read_header_value(value: Any, meta: Meta) -> tuple[Any, Meta]:
    if type(value) is list:
        parts = (lenient_text(item, None)[0] for item in value)
        value = ",".join(part for part in parts if part)
    return lenient_text(value, meta)


_cookie_pairs = pairs(text, text)
_query_pairs = pairs(text, json_text)
_header_pairs = pairs(_read_header_name, _read_header_value)

tags = pairs(_read_tag_key, _read_tag_value)


def headers(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """Header pairs: in their own order from a list, sorted by name from an object."""
    read, notes = _header_pairs(value, meta)
    if type(value) is dict and not notes:
        read.sort(key=lambda item: item[0] or "")
    return read, notes


def cookies(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """Cookie pairs, also from the text of a `Cookie` header."""
    if type(value) is str:
        parts = (part.partition("=") for part in value.split(";"))
        value = [
            [unquote(name.strip()), unquote(content.strip())] for name, sep, content in parts if sep
        ]
        meta = own_note(meta)
    return _cookie_pairs(value, meta)


def query(value: Any, meta: Meta) -> tuple[Any, Meta]:
    """Query pairs, also from the text of a query string."""
    if type(value) is str:
        decoded = parse_qsl(value.removeprefix("?"), keep_blank_values=True)
        value = [list(item) for item in decoded]
        meta = own_note(meta)
    return _query_pairs(value, meta)
