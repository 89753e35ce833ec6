"""Rewrite parts without superseded events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from archive.storage.manifest import PartFile
from archive.tables.frame_counts import write_frame_counts
from archive.tables.parts import read_groups, read_part, write_part


def rewrite_events(
    root: Path, sources: Mapping[str, Path], superseded_rows: Iterable[int], name: str
) -> list[PartFile]:
    """Stage a part again without some of its events; return no parts if none is left.

    sources: the file of each event table. superseded_rows: rows of `events` and `payloads`.
    Raises DamagedArchive, StorageFailed.
    """
    counts = read_part(sources["events"], ["frame_count", "tag_count"], root=root)
    superseded = set(superseded_rows)
    mask = [row not in superseded for row in range(counts.num_rows)]
    if not any(mask):
        return []
    masks = {
        "events": mask,
        "payloads": mask,
        "frames": _repeat(mask, counts["frame_count"]),
        "tags": _repeat(mask, counts["tag_count"]),
    }
    parts = {
        table: write_part(root, table, name, filter_groups(root, sources[table], mask))
        for table, mask in masks.items()
    }
    return [*parts.values(), write_frame_counts(root, parts["frames"])]


def filter_groups(root: Path, path: Path, mask: list[bool]) -> Iterator[pa.Table]:
    """Yield the rows of a part that a mask selects, one row group at a time."""
    start = 0
    for group in read_groups(root, path):
        selected = mask[start : start + group.num_rows]
        start += group.num_rows
        yield group if all(selected) else group.filter(pa.array(selected, pa.bool_()))


def _repeat(flags: list[bool], counts: Any) -> list[bool]:
    return [
        flag for flag, count in zip(flags, counts.to_pylist(), strict=True) for _ in range(count)
    ]
