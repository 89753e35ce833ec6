"""Skip CSV files that Sentry writes, which contain a few columns of each event, not the event.

Discover and Explore name the columns after the selected fields, an issue's lists of events and
tags after the columns on the page (Sentry, data_export/ and the frontend's downloadAsCsv).
"""

from __future__ import annotations

from collections.abc import Iterator

from archive.exports.buffer import Buffer
from archive.exports.csv import read_names
from archive.exports.records import Skipped

_KIND = "CSV table of Sentry (a few columns, no events; pass it to `resolve -` as a list of IDs)"

# Columns that only Sentry has, and common ones, of which more are required.
_OWN = frozenset(
    {b"event.type", b"event id", b"project.name", b"project.id", b"issue.id", b"user.display"}
    | {b"times_seen", b"last_seen()", b"first_seen()", b"count_unique(user)", b"sdk.name"}
    | {b"error.type", b"error.value", b"error.handled", b"stack.filename", b"replayid"}
)
_COMMON = frozenset(
    {b"id", b"title", b"timestamp", b"project", b"issue", b"message", b"count()", b"transaction"}
    | {b"release", b"environment", b"value", b"first_seen", b"last_seen", b"user", b"level"}
    | {b"platform", b"trace", b"culprit", b"os", b"device", b"browser", b"email", b"username"}
)


def is_sentry_csv(head: bytes) -> bool:
    """Whether a text begins with the header of a Sentry CSV file."""
    names = set(read_names(head.partition(b"\n")[0]) or ())
    own, common = len(names & _OWN), len(names & _COMMON)
    return len(names) > 1 and (own > 1 or own + common > 2 or own == common == 1)


def skip_sentry_csv(buffer: Buffer) -> Iterator[Skipped]:
    """Skip the file."""
    buffer.skip_to_end()
    yield Skipped(_KIND)
