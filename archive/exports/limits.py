"""Limits on the memory, time and disk space that a hostile export can use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on sources; a record, or the rest of a source, that exceeds one is rejected.

    event_bytes: size of one record.
    event_values: JSON values in one record; a value of a few bytes can take a hundred times as
    many in memory.
    attachment_bytes: size up to which an attachment's bytes are kept, not only its description.
    ratio: decompressed size divided by compressed size.
    source_bytes: decompressed size of one source; each layer counts.
    members: files in the zips and tars of one source.
    rejects: per 10 MB of a source. seconds: of CPU, per 100 MB of a source.
    """

    event_bytes: int = 100_000_000
    event_values: int = 1_000_000
    attachment_bytes: int = 1 << 20
    ratio: int = 1_000
    source_bytes: int = 1 << 40
    members: int = 1_000_000
    rejects: int = 100_000
    seconds: int = 600
