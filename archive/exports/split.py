"""Split a stream of bytes into records with exact locations."""

from __future__ import annotations

from collections.abc import Iterator

from archive.exports.buffer import Buffer
from archive.exports.csv import find_table, is_sentry_csv, skip_sentry_csv, split_table
from archive.exports.envelopes import is_envelope, split_envelopes
from archive.exports.limits import Limits
from archive.exports.nodestore import is_nodestore, split_nodestore
from archive.exports.postgres import is_dump, split_dump
from archive.exports.records import Item
from archive.exports.values import split_values

HEAD = 1 << 16


def split_records(
    chunks: Iterator[bytes], source: str, member: str | None, limits: Limits, offset: int = 0
) -> Iterator[Item]:
    """Yield the records of a stream in order, and a Reject, Skipped or Learned for the rest.

    offset: where the stream begins in its source, in bytes.
    """
    buffer = Buffer(chunks, source, member, offset)
    buffer.skip_separators()
    buffer.hold(HEAD)
    yield from _split(buffer, limits)
    if buffer.fault and not buffer.is_fault_reported:
        yield buffer.reject(str(buffer.fault))
    elif buffer.blank:
        yield buffer.reject("the file is empty")


def _split(buffer: Buffer, limits: Limits) -> Iterator[Item]:
    """Choose a splitter by the first bytes; only JSON and envelopes begin with a bracket."""
    head = buffer.text[buffer.at : buffer.at + HEAD]
    if head[:1] == b"{" and is_envelope(head):
        return split_envelopes(buffer, limits)
    if head[:1] in (b"{", b"[", b""):
        return split_values(buffer, limits)
    if is_nodestore(head):
        return split_nodestore(buffer, limits)
    if is_dump(head):
        return split_dump(buffer, limits)
    if table := find_table(head):
        return split_table(buffer, table, limits)
    if is_sentry_csv(head):
        return skip_sentry_csv(buffer)
    return split_values(buffer, limits)
