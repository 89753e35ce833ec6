"""Read attachments from envelopes, described as Sentry's API describes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from archive.exports.limits import Limits
from archive.exports.raw_members import Members, read_text
from archive.exports.records import Learned, LearnedKind, SourceLocation
from archive.exports.shapes import Hints
from archive.jsontext import dump

_DEFAULT_TYPE = "event.attachment"  # Relay, AttachmentType


class Payload:
    """The size and SHA-1 of a payload, and its bytes if they are within the limit.

    is_line: whether the payload ends with its line; the line break is then not part of it.
    """

    def __init__(self, pieces: Iterable[bytes], limits: Limits, is_line: bool) -> None:
        self.size = 0
        self.data: bytes | None = None
        self._sha1 = hashlib.sha1(usedforsecurity=False)
        self._kept: list[bytes] | None = []
        self._limit = limits.attachment_bytes
        rest = b""  # the last two bytes may be a line break
        for piece in pieces:
            rest += piece
            self._take(rest[:-2])
            rest = rest[-2:]
        self._take(rest.removesuffix(b"\n").removesuffix(b"\r") if is_line else rest)
        if self._kept is not None:
            self.data = b"".join(self._kept)

    @property
    def sha1(self) -> str:
        return self._sha1.hexdigest()

    def _take(self, piece: bytes) -> None:
        self._sha1.update(piece)
        self.size += len(piece)
        if self.size > self._limit:
            self._kept = None
        elif self._kept is not None:
            self._kept.append(piece)


def describe_attachment(
    item: Members, payload: Payload, place: SourceLocation, hints: Hints
) -> Learned:
    """Describe an attachment from its item header, as a row of `/events/{id}/attachments/`."""
    row = {
        "event_id": hints.event_id,
        "type": read_text(item.get("attachment_type")) or _DEFAULT_TYPE,
        "name": read_text(item.get("filename")),
        "mimetype": read_text(item.get("content_type")),
        "size": payload.size,
        "sha1": payload.sha1,
    }
    return Learned(LearnedKind.ATTACHMENT, dump(row), place, hints, payload.data)
