"""Which sources have been loaded before, and need not be read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from archive.exports.sources import Source, hash_source
from archive.tables.manifest import Manifest
from archive.tables.parts import read_part
from archive.version import VERSION


@dataclass(slots=True)
class KnownSources:
    """The sources of earlier loads, by SHA-256, and how many records of each were rejected.

    A source with rejects is known only to the version that rejected them: another may read more.
    """

    sizes: set[int] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    rejected: dict[str, int] = field(default_factory=dict)

    def select_fresh(self, sources: Iterable[Source]) -> tuple[list[Source], list[int]]:
        """The sources to read, and of each of the others how many records were rejected."""
        fresh, known = [], []
        for source in sources:
            rejected = self._find(source)
            if rejected is None:
                fresh.append(source)
            else:
                known.append(rejected)
        return fresh, known

    def _find(self, source: Source) -> int | None:
        if source.size not in self.sizes or not Path(source.path).is_file():
            return None
        try:
            return self.rejected.get(hash_source(source))
        except OSError:
            return None  # reading it will say what is wrong


def read_known_sources(root: Path, manifest: Manifest) -> KnownSources:
    """The sources of all loads so far. Raises DamagedArchive."""
    known = KnownSources()
    ours = {load.load_id for load in manifest.loads if load.version == VERSION}
    columns = ["load_id", "size", "sha256", "rejected"]
    for part in manifest.list_parts("sources"):
        for row in read_part(root / part.path, columns, part.rows, root).to_pylist():
            known.seen.add(row["sha256"])
            if row["rejected"] == 0 or row["load_id"] in ours:
                known.sizes.add(row["size"])
                known.rejected[row["sha256"]] = row["rejected"]
    return known
