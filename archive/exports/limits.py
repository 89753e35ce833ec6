"""How much a hostile export may cost before it is rejected."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what is read; over one of them the record or the rest of its source is rejected.

    event_bytes: size of one record, in bytes.
    event_values: values in one record: a few bytes of JSON can be a frame or a tag, which take a
    hundred times as many in memory.
    attachment_bytes: size of an attachment that is kept itself, and not only its description, in
    bytes.
    ratio: how many times larger decompressed data may be than compressed.
    source_bytes: decompressed size of one source, in bytes.
    """

    event_bytes: int = 100_000_000
    event_values: int = 1_000_000
    attachment_bytes: int = 1 << 20
    ratio: int = 1_000
    source_bytes: int = 1 << 40
