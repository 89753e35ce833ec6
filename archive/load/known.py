"""Find the sources that have been loaded before and need not be read again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from archive.events.flatten import Defaults
from archive.events.rows import SourceRow
from archive.exports.source_hash import hash_source
from archive.exports.sources import Source
from archive.storage.manifest import Manifest
from archive.tables.loads import read_loads
from archive.tables.parts import read_batches
from archive.version import VERSION


class KnownSources:
    """The sources of earlier loads: those that this load asks for.

    They are found by their size, and only those of a known size by their SHA-256. A source with
    rejects is only known to the version that rejected them, because another version may accept
    them.
    """

    def __init__(self, root: Path, manifest: Manifest) -> None:
        self._root = root
        self._sources = manifest.list_parts("sources")
        self._loads = manifest.list_parts("loads")
        self._options: dict[str, Defaults] = {}
        self._rejected: dict[str, int] = {}

    def select_fresh(
        self, sources: Sequence[Source], defaults: Defaults
    ) -> tuple[list[Source], list[int]]:
        """Return the sources to read, and the number of rejected records of each other one.

        Raises DamagedArchive.
        """
        known_sizes = self._find_known_sizes({source.size for source in sources})
        hashed = [source for source in sources if source.size in known_sizes]
        digests = {source.path: sha256 for source in hashed if (sha256 := _hash(source))}
        self.look_up({digests[s.path]: s.size or 0 for s in hashed if s.path in digests})
        fresh, known = [], []
        for source in sources:
            sha256 = digests.get(source.path, "")
            if sha256 in self._rejected and self.covers(sha256, defaults):
                known.append(self._rejected[sha256])
            else:
                fresh.append(source)
        return fresh, known

    def look_up(self, sizes: Mapping[str, int]) -> None:
        """Look up sources, given their sizes by SHA-256. Raises DamagedArchive."""
        if not any(self._find(["size"], "size", set(sizes.values()))):
            return
        columns = ["load_id", "sha256", "rejected", "organization_slug", "project_slug"]
        rows = list(self._find(columns, "sha256", sizes.keys()))
        same_version = self._find_same_version({row["load_id"] for row in rows if row["rejected"]})
        for row in rows:
            defaults = Defaults(row["organization_slug"], row["project_slug"])
            self._options[row["sha256"]] = defaults
            if row["rejected"] == 0 or row["load_id"] in same_version:
                self._rejected[row["sha256"]] = row["rejected"]

    def covers(self, sha256: str, defaults: Defaults) -> bool:
        """Whether a source that was looked up was loaded with options that these do not change."""
        before = self._options.get(sha256)
        return before is not None and not _differs(before, defaults)

    def find_corrected(self, rows: Iterable[SourceRow]) -> set[str]:
        """Return the organizations from earlier options that the rows' options replace."""
        return {
            before.organization_slug
            for row in rows
            if (before := self._options.get(row.sha256))
            and before.organization_slug
            and row.organization_slug not in (None, before.organization_slug)
        }

    def _find_known_sizes(self, sizes: Set[int]) -> set[int]:
        """Find the sizes that sources have which need not be read again if they are the same."""
        rejecting: defaultdict[str, set[int]] = defaultdict(set)
        known = set()
        for row in self._find(["size", "rejected", "load_id"], "size", sizes):
            if row["rejected"]:
                rejecting[row["load_id"]].add(row["size"])
            else:
                known.add(row["size"])
        same_version = self._find_same_version(rejecting.keys())
        return known.union(*(rejecting[load_id] for load_id in same_version))

    def _find_same_version(self, load_ids: Set[str]) -> set[str]:
        """Find the loads among these that this version made."""
        if not load_ids:
            return set()
        loads = read_loads(self._root, self._loads)
        return {load.load_id for load in loads if load.version == VERSION} & load_ids

    def _find(self, columns: list[str], key: str, values: Set[Any]) -> Iterator[dict[str, Any]]:
        """Find the rows of `sources` that have one of these values, oldest first."""
        if not values:
            return
        wanted = pa.array(list(values))
        for part in self._sources:
            for batch in read_batches(self._root, self._root / part.path, columns):
                yield from batch.filter(pc.is_in(batch[key], wanted)).to_pylist()


def _hash(source: Source) -> str | None:
    if not Path(source.path).is_file():
        return None
    try:
        return hash_source(source)
    except OSError:
        return None  # reading it will report the error


def _differs(before: Defaults, now: Defaults) -> bool:
    return (now.organization_slug not in (None, before.organization_slug)) or (
        now.project_slug not in (None, before.project_slug)
    )
