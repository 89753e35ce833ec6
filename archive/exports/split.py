"""Split a stream of bytes into records, each located exactly, good ones saved from bad company."""

from __future__ import annotations

from collections.abc import Iterator

from archive.exports.envelopes import is_envelope, split_envelopes
from archive.exports.limits import Limits
from archive.exports.nodestore import is_nodestore, split_nodestore
from archive.exports.objects import split_objects
from archive.exports.records import Record, Reject, Skipped
from archive.exports.window import Window

HEAD = 1 << 16


def split_records(
    chunks: Iterator[bytes], source: str, member: str | None, limits: Limits, offset: int = 0
) -> Iterator[Record | Reject | Skipped]:
    """The records of a stream in order, and a word for everything else that it holds.

    offset: where in its source the stream begins.
    """
    window = Window(chunks, source, member, offset)
    window.skip_separators()
    window.hold(HEAD)
    head = window.text[window.at : window.at + HEAD]
    if is_envelope(head):
        yield from split_envelopes(window, limits)
    elif is_nodestore(head):
        yield from split_nodestore(window, limits)
    else:
        yield from split_objects(window, limits)
    if window.fault and not window.fault_told:
        yield window.reject(str(window.fault))
    elif window.blank:
        yield window.reject("the file is empty")
