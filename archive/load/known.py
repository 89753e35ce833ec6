"""Find the sources that have been loaded before and need not be read again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from archive.events.flatten import Defaults
from archive.events.rows import SourceRow
from archive.exports.sources import Source, hash_source
from archive.storage.manifest import Manifest
from archive.tables.parts import read_part
from archive.version import VERSION


@dataclass(slots=True)
class KnownSources:
    """The sources of earlier loads, by SHA-256.

    options: the slugs from options when a source was last loaded. rejected: number of rejected
    records. A source with rejects is only known to the version that rejected them, because
    another version may accept them.
    """

    sizes: set[int] = field(default_factory=set)
    options: dict[str, Defaults] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)

    def select_fresh(
        self, sources: Iterable[Source], defaults: Defaults
    ) -> tuple[list[Source], list[int]]:
        """Return the sources to read, and the number of rejected records of each other one."""
        fresh, known = [], []
        for source in sources:
            rejected = self._find(source, defaults)
            if rejected is None:
                fresh.append(source)
            else:
                known.append(rejected)
        return fresh, known

    def covers(self, sha256: str, defaults: Defaults) -> bool:
        """Whether a source was loaded with options that these would not change."""
        before = self.options.get(sha256)
        return before is not None and not _differs(before, defaults)

    def find_corrected(self, rows: Iterable[SourceRow]) -> set[str]:
        """Return the organizations from earlier options that the rows' options replace."""
        return {
            before.organization_slug
            for row in rows
            if (before := self.options.get(row.sha256))
            and before.organization_slug
            and row.organization_slug not in (None, before.organization_slug)
        }

    def _find(self, source: Source, defaults: Defaults) -> int | None:
        if source.size not in self.sizes or not Path(source.path).is_file():
            return None
        try:
            sha256 = hash_source(source)
        except OSError:
            return None  # reading it will report the error
        return self.rejected.get(sha256) if self.covers(sha256, defaults) else None


def read_known_sources(root: Path, manifest: Manifest) -> KnownSources:
    """Read the sources of all loads. Raises DamagedArchive."""
    known = KnownSources()
    same_version = {load.load_id for load in manifest.loads if load.version == VERSION}
    columns = ["load_id", "size", "sha256", "rejected", "organization_slug", "project_slug"]
    for part in manifest.list_parts("sources"):
        for row in read_part(root / part.path, columns, part.rows, root).to_pylist():
            defaults = Defaults(row["organization_slug"], row["project_slug"])
            known.options[row["sha256"]] = defaults
            if row["rejected"] == 0 or row["load_id"] in same_version:
                known.sizes.add(row["size"])
                known.rejected[row["sha256"]] = row["rejected"]
    return known


def _differs(before: Defaults, now: Defaults) -> bool:
    return (now.organization_slug not in (None, before.organization_slug)) or (
        now.project_slug not in (None, before.project_slug)
    )
