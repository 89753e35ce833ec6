"""Split a stream of bytes into records, each located exactly, good ones saved from bad company."""

from __future__ import annotations

from collections.abc import Iterator

from archive.exports.buffer import Window
from archive.exports.csv import find_table, split_table
from archive.exports.envelopes import is_envelope, split_envelopes
from archive.exports.limits import Limits
from archive.exports.nodestore import is_nodestore, split_nodestore
from archive.exports.postgres import is_dump, split_dump
from archive.exports.records import Learned, Record, Reject, Skipped
from archive.exports.sentry_csv import is_sentry_csv, skip_sentry_csv
from archive.exports.values import split_values

HEAD = 1 << 16

Item = Record | Reject | Skipped | Learned


def split_records(
    chunks: Iterator[bytes], source: str, member: str | None, limits: Limits, offset: int = 0
) -> Iterator[Item]:
    """The records of a stream in order, and a word for everything else that it holds.

    offset: where in its source the stream begins.
    """
    window = Window(chunks, source, member, offset)
    window.skip_separators()
    window.hold(HEAD)
    yield from _split(window, limits)
    if window.fault and not window.fault_told:
        yield window.reject(str(window.fault))
    elif window.blank:
        yield window.reject("the file is empty")


def _split(window: Window, limits: Limits) -> Iterator[Item]:
    """Split by the first bytes: nothing but JSON and envelopes begins with a bracket."""
    head = window.text[window.at : window.at + HEAD]
    if head[:1] == b"{" and is_envelope(head):
        return split_envelopes(window, limits)
    if head[:1] in (b"{", b"[", b""):
        return split_values(window, limits)
    if is_nodestore(head):
        return split_nodestore(window, limits)
    if is_dump(head):
        return split_dump(window, limits)
    if table := find_table(head):
        return split_table(window, table, limits)
    if is_sentry_csv(head):
        return skip_sentry_csv(window)
    return split_values(window, limits)
