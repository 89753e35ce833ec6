"""Reject text that is not JSON, with a description, up to where the next value may begin."""

from __future__ import annotations

import re

from archive.exports.buffer import Buffer, Line
from archive.exports.layout import VALUE_LINE
from archive.exports.limits import Limits
from archive.exports.objects import too_large
from archive.exports.oversized import reject_whole
from archive.exports.records import Reject
from archive.jsontext import STRING

_DESCRIBED = 1 << 12
_VALUE = re.compile(rb"[^,\[\]{}\s]++")
_UNFINISHED = re.compile(rb'(?:"(?:[^"\\\n]++|\\.)*+\\?|[^",\[\]{}\s][^,\[\]{}\s]*+)\Z', re.DOTALL)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_NEVER = re.compile(rb"(?!)")
_NO_LINE = Line(_NEVER, _NEVER)


def read_stray_value(buffer: Buffer, limits: Limits) -> Reject:
    """Reject an array element that is not an object."""
    while _UNFINISHED.match(buffer.text, buffer.at):
        if len(buffer.text) - buffer.at > limits.event_bytes:
            return reject_whole(buffer, too_large(limits))
        if not buffer.more():
            break
    token = STRING.match(buffer.text, buffer.at) or _VALUE.match(buffer.text, buffer.at)
    return reject_value(buffer, token.end() if token else buffer.at + 1)


def reject_value(buffer: Buffer, end: int) -> Reject:
    """Reject a value that is not an object, quoting its beginning."""
    shown = buffer.text[buffer.at : min(end, buffer.at + 60)].decode(errors="replace")
    return buffer.reject(f"not an event but {shown}", end)


def read_stray_text(buffer: Buffer, is_first: bool) -> Reject:
    """Reject text that is not JSON, up to the next line that looks like JSON.

    A stream that begins like a file of another kind is rejected as a whole.
    """
    buffer.hold(_DESCRIBED)
    reason, is_foreign = _describe(buffer.text[buffer.at : buffer.at + _DESCRIBED])
    return buffer.reject_to(_NO_LINE if is_first and is_foreign else VALUE_LINE, reason)


def _describe(head: bytes) -> tuple[str, bool]:
    """Describe a text that is not JSON; whether it belongs to a file of another kind."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8", True
    if head.startswith(b"PGDMP"):
        return "pg_dump's custom format; convert it with: pg_restore -f dump.sql", True
    shown = head[:40].decode(errors="replace").split("\n")[0].strip()
    if head.startswith(b"<"):
        return f"not JSON but HTML or XML: {shown!r}", True
    if _BINARY.search(head):
        return f"not JSON but binary data: {head[:16]!r}", True
    return f"not JSON: {shown!r}", False
