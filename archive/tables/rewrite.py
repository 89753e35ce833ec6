"""Parts without some of their events: what has been superseded goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from archive.storage.manifest import PartFile
from archive.tables.frame_counts import write_frame_counts
from archive.tables.parts import read_groups, read_part, write_part


def rewrite_events(
    root: Path, sources: Mapping[str, Path], dead_rows: Iterable[int], name: str
) -> list[PartFile]:
    """Stage a part anew without some of its events; empty if none is left.

    sources: the file of each event table. dead_rows: rows of `events` and `payloads`.
    """
    counts = read_part(sources["events"], ["frame_count", "tag_count"], root=root)
    dead = set(dead_rows)
    alive = [row not in dead for row in range(counts.num_rows)]
    if not any(alive):
        return []
    masks = {
        "events": alive,
        "payloads": alive,
        "frames": _repeat(alive, counts["frame_count"]),
        "tags": _repeat(alive, counts["tag_count"]),
    }
    parts = {
        table: write_part(root, table, name, filter_groups(root, sources[table], mask))
        for table, mask in masks.items()
    }
    return [*parts.values(), write_frame_counts(root, parts["frames"])]


def filter_groups(root: Path, path: Path, alive: list[bool]) -> Iterator[pa.Table]:
    """What is alive of a part, a row group at a time."""
    start = 0
    for group in read_groups(root, path):
        mask = alive[start : start + group.num_rows]
        start += group.num_rows
        yield group if all(mask) else group.filter(pa.array(mask, pa.bool_()))


def _repeat(flags: list[bool], counts: Any) -> list[bool]:
    return [
        flag for flag, count in zip(flags, counts.to_pylist(), strict=True) for _ in range(count)
    ]
